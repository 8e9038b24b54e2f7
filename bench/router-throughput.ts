import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { promisify } from 'node:util';
import { runFolder } from '../controllers/router/nginx/http-block.ts';
import { routeTo, startBench } from '../test/e2e/controllers/nginx-bench.ts';
import { type Measurement, medianOf } from './measure.ts';
import { startAnsweringNginx, startProxyingNginx } from './router-nginx.ts';

const run = promisify(execFile);
const host = 'routed.test';
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
  await using byHand = await startProxyingNginx(app.target, host, workers);
  await using bench = await startBench({ settings: { workers, httpsPort: null } });
  await bench.serve([routeTo(app.target, host, '/', {}, { websocket: true })]);
  const master = Number(await readFile(runFolder(bench.folder).pid, 'utf8'));
  await pin(app.pid, otherCores());
  await pin(byHand.pid, '0');
  await pin(master, '0');
  const sides = [
    { pid: master, port: bench.settings.httpPort },
    { pid: byHand.pid, port: byHand.target.port },
  ] as const;
  for (const side of sides) await load(side, 1);
  const ratios: { speed: number; cost: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Whoever is first in a round is second in the next.
    const order = round % 2 === 0 ? sides : sides.toReversed();
    const loads = new Map<number, Load>();
    for (const side of order) loads.set(side.pid, await load(side, secondsOfLoad));
    const [ours, theirs] = [loads.get(sides[0].pid)!, loads.get(sides[1].pid)!];
    ratios.push({
      speed: ours.perSecond / theirs.perSecond,
      cost: ours.perCoreSecond / theirs.perCoreSecond,
    });
  }
  const less = (key: 'speed' | 'cost') => 100 - 100 * medianOf(ratios.map((ratio) => ratio[key]));
  return [
    { what: 'fewer routed requests/s than by hand', found: less('speed'), unit: '%', atMost: 5 },
    { what: 'fewer for each second of processor time', found: less('cost'), unit: '%', atMost: 5 },
  ];
}

function otherCores(): string {
  const last = cpus().length - 1;
  return last === 0 ? '0' : `1-${last}`;
}

/** A process and the workers it has. */
async function pin(master: number, cores: string): Promise<void> {
  for (const pid of [master, ...(await workersOf(master))])
    await run('taskset', ['--cpu-list', '--pid', cores, String(pid)]);
}

async function workersOf(master: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${master}/task/${master}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

/** Of the workers that serve: the kernel counts it in nanoseconds. */
async function processorSeconds(master: number): Promise<number> {
  const times = (await workersOf(master)).map(async (pid) => {
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
