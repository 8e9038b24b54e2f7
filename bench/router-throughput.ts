import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
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
const rounds = 50;
const secondsOfLoad = 1;
/** One worker on a core of its own, and more callers than it can serve at once: nginx is what is measured. */
const workers = 1;
const connections = 32;

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
  await ensureWrk();
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

/** One of the two, at work. */
interface Side extends AsyncDisposable {
  /** Of the process that the workers belong to. */
  readonly pid: number;
  readonly port: number;
}

/** What a new router does for one that a new proxy does. Whoever is started first is not asked first: both cost something. */
async function compare(app: Target, routerFirst: boolean): Promise<Load> {
  const [start, startOther] = routerFirst ? [startRouter, startProxy] : [startProxy, startRouter];
  await using one = await start(app);
  await using other = await startOther(app);
  for (const side of [one, other]) {
    await pin(side.pid, '0');
    await load(side, secondsOfLoad);
  }
  const later = await load(other, secondsOfLoad);
  const first = await load(one, secondsOfLoad);
  const [ours, theirs] = routerFirst ? [first, later] : [later, first];
  return {
    perSecond: ours.perSecond / theirs.perSecond,
    perCoreSecond: ours.perCoreSecond / theirs.perCoreSecond,
  };
}

async function startRouter(app: Target): Promise<Side> {
  const bench = await startBench({ settings: { workers, httpsPort: null } });
  await bench.serve([routeTo(app, host, '/', {}, { websocket: true })]);
  const pid = Number(await readFile(runFolder(bench.folder).pid, 'utf8'));
  return { pid, port: bench.settings.httpPort, [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose]() };
}

async function startProxy(app: Target): Promise<Side> {
  const proxy = await startProxyingNginx(app, host, workers);
  return { pid: proxy.pid, port: proxy.target.port, [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() };
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

/** @throws when a request was not answered with 200: such a load measures nothing. */
async function load({ pid, port }: Side, seconds: number): Promise<Load> {
  const flags = ['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`];
  const before = await processorSeconds(pid);
  const words = ['--cpu-list', otherCores(), 'wrk', ...flags, '--header', `Host: ${host}`];
  const { stdout } = await run('taskset', [...words, `http://127.0.0.1:${port}/some/path?a=b`]);
  const used = (await processorSeconds(pid)) - before;
  const [, total, duration] = /([0-9]+) requests in ([0-9.]+)s/.exec(stdout) ?? [];
  if (total === undefined || /Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk: ${stdout}`);
  return { perSecond: Number(total) / Number(duration), perCoreSecond: Number(total) / used };
}

/** A caller that costs less than what it calls, or it would be measured itself. @throws when it is not there. */
async function ensureWrk(): Promise<void> {
  await run('wrk', ['--version']).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new Error('wrk: not found; run: apt-get install -y --no-install-recommends wrk');
  });
}
