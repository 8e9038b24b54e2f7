import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { bundleControllers } from '../scripts/bundle.ts';

/** What one load did to the gatekeeper. */
export interface GatekeeperLoad {
  readonly name: string;
  readonly checksPerSecond: number;
  /** Checks for each second of processor time: what one core can do, whatever else the machine is busy with. */
  readonly checksPerCoreSecond: number;
  /** Milliseconds from request to answer as the caller saw them. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Callers that got no answer. */
  readonly errors: number;
}

/** What `benchGatekeeper` is given. */
export interface GatekeeperBenchOptions {
  /** Root of the checkout. */
  readonly root: string;
  /** Length of each load, seconds. @default 5 */
  readonly seconds?: number;
  /** Connections held by the callers: an edge keeps a few. @default 16 */
  readonly connections?: number;
}

const secret = 'a-key-made-up-for-this-bench-0123456789';
const key = Buffer.from(secret).toString('base64');

const loads: readonly { readonly name: string; readonly path: string; readonly header: string }[] = [
  { name: 'API key, right', path: '/auth/api-key?secret=routing&key=api-key', header: `X-ROUTING-API-KEY=${key}` },
  { name: 'API key, wrong', path: '/auth/api-key?secret=routing&key=api-key', header: `X-ROUTING-API-KEY=${secret}` },
  { name: 'bearer, right', path: '/auth/bearer?secret=routing&key=api-key', header: `Authorization=Bearer ${secret}` },
];

/**
 * Loads the bundled gatekeeper on loopback, one load after the other: the gatekeeper pinned to one core, the callers in
 * a process of their own on the others.
 * @throws when it does not start or `taskset` is missing.
 */
export async function benchGatekeeper(options: GatekeeperBenchOptions): Promise<readonly GatekeeperLoad[]> {
  const dir = await mkdtemp(path.join(tmpdir(), 'gatekeeper-bench-'));
  try {
    await mkdir(path.join(dir, 'secrets', 'routing'), { recursive: true });
    await writeFile(path.join(dir, 'secrets', 'routing', 'api-key'), secret, { mode: 0o600 });
    await bundleControllers(options.root, path.join(dir, 'program'));
    const { child, ports } = await startOnOneCore(dir);
    try {
      const results: GatekeeperLoad[] = [];
      // The first seconds of a program go to its compiler.
      for (const load of loads) await run(load, ports, { ...options, seconds: 1 });
      for (const load of loads) results.push(await run(load, ports, options));
      return results;
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function startOnOneCore(dir: string) {
  const program = path.join(dir, 'program', 'gatekeeper.cjs');
  const flags = ['--address=127.0.0.1', '--port=0', '--health-port=0', `--secrets-dir=${dir}/secrets`, '--drain=0s'];
  const child = spawn('taskset', ['--cpu-list', '0', process.execPath, program, ...flags], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { child, ports: await readPorts(child) };
}

interface Ports {
  readonly port: number;
  readonly healthPort: number;
}

async function readPorts(child: ChildProcess): Promise<Ports> {
  for await (const line of createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })) {
    const event = JSON.parse(line) as Ports & { readonly event: string };
    if (event.event === 'listening') {
      child.stdout?.resume();
      return event;
    }
  }
  throw new Error(`the gatekeeper ended with ${child.exitCode} before it listened`);
}

/** Checks answered and processor time used since the gatekeeper started. */
async function usage(healthPort: number): Promise<{ readonly checks: number; readonly cpuSeconds: number }> {
  const text = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    checks: value('edgeplane_gatekeeper_check_duration_seconds_count'),
    cpuSeconds: value('process_cpu_seconds_total'),
  };
}

function otherCores(): string {
  const last = cpus().length - 1;
  return last === 0 ? '0' : `1-${last}`;
}

interface AutocannonReport {
  readonly requests: { readonly average: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>;
  readonly errors: number;
}

async function run(
  load: (typeof loads)[number],
  { port, healthPort }: Ports,
  { seconds = 5, connections = 16 }: GatekeeperBenchOptions,
): Promise<GatekeeperLoad> {
  const autocannon = createRequire(__filename).resolve('autocannon');
  const flags = ['--json', '--no-progress', '--connections', String(connections), '--headers', load.header];
  const url = `http://127.0.0.1:${port}${load.path}`;
  const before = await usage(healthPort);
  const { stdout } = await promisify(execFile)('taskset', [
    ...['--cpu-list', otherCores(), process.execPath, autocannon],
    ...[...flags, '--duration', String(seconds), url],
  ]);
  const after = await usage(healthPort);
  const report = JSON.parse(stdout) as AutocannonReport;
  const statuses = Object.entries(report.statusCodeStats).map(([status, { count }]) => [status, count] as const);
  return {
    name: load.name,
    checksPerSecond: Math.round(report.requests.average),
    checksPerCoreSecond: Math.round((after.checks - before.checks) / (after.cpuSeconds - before.cpuSeconds)),
    p50Ms: report.latency.p50,
    p99Ms: report.latency.p99,
    statuses: Object.fromEntries(statuses),
    errors: report.errors,
  };
}

if (require.main === module) {
  benchGatekeeper({ root: path.resolve(__dirname, '..') }).then(
    (results) => console.table(results.map((result) => ({ ...result, statuses: JSON.stringify(result.statuses) }))),
    (error) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}
