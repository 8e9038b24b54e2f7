import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { promisify } from 'node:util';
import { runFolder } from '../controllers/router/nginx/http-block.ts';
import { workersOf } from '../controllers/router/nginx/workers.ts';
import type { Target } from '../controllers/router/routing-table.ts';
import { routeTo, startBench } from '../test/e2e/controllers/nginx-bench.ts';
import { type Measurement, medianOf } from './measure.ts';
import { startAnsweringNginx, startProxyingNginx } from './router-nginx.ts';

const run = promisify(execFile);
const host = 'routed.test';
/** Each with processes of its own: the same nginx with the same configuration, started twice, may differ by 10 %. */
const rounds = 15;
const secondsOfLoad = 1;
/** One worker on a core of its own, and callers that do not wait for single answers: nginx is what is measured. */
const workers = 1;
const connections = 16;
const pipelined = 8;

interface Load {
  readonly perSecond: number;
  /** Requests for each second of nginx's processor time: what it costs, whatever else the machine is busy with. */
  readonly perCoreSecond: number;
}

/**
 * One route of the router, as a pod's is by default, and a proxy written by hand for the same job (its docstring says
 * what it has), taking turns on one core, called from the others. Found is how much the router stays behind, by the
 * median of the ratios: at least 95 % of a proxy's requests are the goal.
 */
export async function benchThroughput(): Promise<readonly Measurement[]> {
  await using app = await startAnsweringNginx();
  await pin(app.pid, otherCores());
  const ratios: Load[] = [];
  for (let round = 0; round < rounds; round += 1) ratios.push(await compare(app.target, round % 2 === 0));
  const less = (key: keyof Load) => 100 - 100 * medianOf(ratios.map((ratio) => ratio[key]));
  return [
    { what: 'fewer routed requests/s than by hand', found: less('perSecond'), unit: '%', atMost: 5 },
    { what: 'fewer for each second of processor time', found: less('perCoreSecond'), unit: '%', atMost: 5 },
  ];
}

/** What a new router does for one that a new proxy does. Who is asked first is asked last. */
async function compare(app: Target, routerFirst: boolean): Promise<Load> {
  await using byHand = await startProxyingNginx(app, host, workers);
  await using bench = await startBench({ settings: { workers, httpsPort: null } });
  await bench.serve([routeTo(app, host, '/', {}, { websocket: true })]);
  const router = {
    pid: Number(await readFile(runFolder(bench.folder).pid, 'utf8')),
    port: bench.settings.httpPort,
  };
  const proxy = { pid: byHand.pid, port: byHand.target.port };
  for (const { pid, port } of [router, proxy]) {
    await pin(pid, '0');
    await load({ pid, port }, secondsOfLoad);
  }
  const [first, second] = routerFirst ? [router, proxy] : [proxy, router];
  const loads: Load[] = [];
  for (const side of [first, second, second, first]) loads.push(await load(side, secondsOfLoad));
  const [outer, inner] = [sum(loads[0]!, loads[3]!), sum(loads[1]!, loads[2]!)];
  const [ours, theirs] = routerFirst ? [outer, inner] : [inner, outer];
  return {
    perSecond: ours.perSecond / theirs.perSecond,
    perCoreSecond: ours.perCoreSecond / theirs.perCoreSecond,
  };
}

function sum(a: Load, b: Load): Load {
  return { perSecond: a.perSecond + b.perSecond, perCoreSecond: a.perCoreSecond + b.perCoreSecond };
}

function otherCores(): string {
  const last = cpus().length - 1;
  return last === 0 ? '0' : `1-${last}`;
}

/** A process and the workers it has. */
async function pin(master: number, cores: string): Promise<void> {
  const workers = (await workersOf(master)).map(({ pid }) => pid);
  for (const pid of [master, ...workers]) await run('taskset', ['--cpu-list', '--pid', cores, String(pid)]);
}

/** Of the workers that serve: the kernel counts it in nanoseconds. */
async function processorSeconds(master: number): Promise<number> {
  const times = (await workersOf(master)).map(async ({ pid }) => {
    const [running] = (await readFile(`/proc/${pid}/schedstat`, 'utf8')).split(' ');
    return Number(running) / 1e9;
  });
  return (await Promise.all(times)).reduce((sum, each) => sum + each, 0);
}

interface AutocannonReport {
  readonly requests: { readonly total: number };
  readonly duration: number;
  readonly non2xx: number;
  readonly errors: number;
}

/** @throws when a request was not answered with 200: such a load measures nothing. */
async function load({ pid, port }: { readonly pid: number; readonly port: number }, seconds: number): Promise<Load> {
  const autocannon = createRequire(__filename).resolve('autocannon');
  const flags = ['--json', '--no-progress', '--connections', String(connections), '--pipelining', String(pipelined)];
  const target = ['--duration', String(seconds), '--headers', `Host=${host}`, `http://127.0.0.1:${port}/some/path?a=b`];
  const before = await processorSeconds(pid);
  const words = ['--cpu-list', otherCores(), process.execPath, autocannon, ...flags, ...target];
  const report = JSON.parse((await run('taskset', words)).stdout) as AutocannonReport;
  const used = (await processorSeconds(pid)) - before;
  const { non2xx, errors, duration } = report;
  const { total } = report.requests;
  if (non2xx + errors > 0) throw new Error(`of ${total} requests ${non2xx} had no 200 and ${errors} no answer`);
  return { perSecond: total / duration, perCoreSecond: total / used };
}
