import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { enterCgroup } from './cgroups.ts';
import type { Cluster, ClusterPaths } from './cluster.ts';

/** A program that keeps running after `up` has ended, and that the next `up` finds again. */
export interface Daemon {
  /** Names its pid file and its log, as `edge-1.kubelet`. */
  readonly name: string;
  /** Program and arguments, entering its namespaces included. No secrets: everybody on the machine can read them. */
  readonly command: readonly string[];
  /**
   * What else it depends on: the text of its configuration. When this, or the command, is not what the running one
   * was started with, it is restarted.
   * @default nothing
   */
  readonly inputs?: readonly string[];
  /** @default this process's environment */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Which process a pid meant when it was written down. A pid alone is used again; the same pid, started at the same
 * tick of the same boot, is the same process.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** In clock ticks since boot: field 22 of /proc/PID/stat. */
  readonly startTime: string;
  readonly bootId: string;
}

/** What a pid file says. */
export interface PidRecord extends ProcessIdentity {
  /** Of the command and inputs it was started with. */
  readonly fingerprint: string;
}

/** One daemon as `status` shows it. */
export interface DaemonState {
  readonly name: string;
  readonly pid: number | undefined;
  readonly state: 'running' | 'dead';
}

/** The pid and start time in a line of /proc/PID/stat; the command name in it may hold spaces and parentheses. */
export function parseStat(stat: string): { readonly pid: number; readonly startTime: string } | undefined {
  const pid = Number.parseInt(stat, 10);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTime = fields[19]; // Field 22 of proc(5): the first after the name is field 3.
  return Number.isInteger(pid) && startTime !== undefined ? { pid, startTime } : undefined;
}

/** Reads the three lines of a pid file; a torn one gives nothing. */
export function parsePidRecord(text: string): PidRecord | undefined {
  const [bootId, stat, fingerprint] = text.split('\n');
  const process = stat === undefined ? undefined : parseStat(stat);
  return bootId && process && fingerprint ? { ...process, bootId, fingerprint } : undefined;
}

/** Whether the process of the record is the one that has its pid now. */
export function isSameProcess(record: ProcessIdentity, now: ProcessIdentity | undefined): boolean {
  return (
    now !== undefined && record.pid === now.pid && record.startTime === now.startTime && record.bootId === now.bootId
  );
}

const readOrNothing = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/**
 * Whether a line of /proc/PID/stat is that of a process of which nothing is left but its entry. A killed one of many
 * threads has state Z when its first thread is over, while the others still hold its sockets.
 */
export function hasEnded(stat: string): boolean {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return /^[ZX]/.test(fields[0] ?? '') && Number(fields[17]) <= 1; // Field 20 of proc(5): threads.
}

/** The process that has this pid now, unless it is gone or only waits to be reaped. */
export function processNow(pid: number): ProcessIdentity | undefined {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  const process = stat === undefined ? undefined : parseStat(stat);
  if (!stat || !process || hasEnded(stat)) return undefined;
  return { ...process, bootId: (readOrNothing('/proc/sys/kernel/random/boot_id') ?? '').trim() };
}

const pidFile = (paths: ClusterPaths, name: string) => join(paths.run, 'pids', name);
/** The log of a daemon. */
export const logFile = (paths: ClusterPaths, name: string): string => join(paths.logs, `${name}.log`);

function fingerprint(daemon: Daemon): string {
  return createHash('sha256')
    .update(JSON.stringify([daemon.command, daemon.inputs ?? [], daemon.env ?? {}]))
    .digest('hex');
}

function recorded(paths: ClusterPaths, name: string): PidRecord | undefined {
  const text = readOrNothing(pidFile(paths, name));
  const record = text === undefined ? undefined : parsePidRecord(text);
  return record && isSameProcess(record, processNow(record.pid)) ? record : undefined;
}

/** Whether the daemon runs, with the command and inputs given. */
export function isCurrent(paths: ClusterPaths, daemon: Daemon): boolean {
  return recorded(paths, daemon.name)?.fingerprint === fingerprint(daemon);
}

/** The pid of a running daemon by its name. */
export function runningPid(paths: ClusterPaths, name: string): number | undefined {
  return recorded(paths, name)?.pid;
}

/** When a running daemon was started, in milliseconds since 1970; undefined when it does not run. */
export function startedAtMs(paths: ClusterPaths, name: string): number | undefined {
  return recorded(paths, name) === undefined ? undefined : statSync(pidFile(paths, name)).mtimeMs;
}

/**
 * Joins the cluster's cgroup, writes its own pid file and then becomes the daemon: whoever started it may be killed
 * at any moment, and the next one still finds what runs.
 */
const becomeDaemon = `
pidfile=$1 fingerprint=$2 cgroup=$3; shift 3
echo $$ > "$cgroup"
read -r boot < /proc/sys/kernel/random/boot_id
read -r stat < /proc/$$/stat
printf '%s\\n%s\\n%s\\n' "$boot" "$stat" "$fingerprint" > "$pidfile"
exec "$@"`;

/** Resolves once the daemon has its pid file, or has ended before: which of the two, {@link waitFor} tells. */
async function launch({ paths, topology, signal }: Cluster, daemon: Daemon): Promise<void> {
  const log = openSync(logFile(paths, daemon.name), 'a', 0o600);
  const words = [pidFile(paths, daemon.name), fingerprint(daemon), enterCgroup(topology.shape.name), ...daemon.command];
  const child = spawn('/bin/sh', ['-euc', becomeDaemon, 'sh', ...words], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    ...(daemon.env ? { env: { ...process.env, ...daemon.env } } : {}),
  });
  let over = false;
  const ended = () => {
    over = true;
  };
  child.on('error', ended).on('exit', ended); // One that cannot be started shows as ended, with an empty log.
  child.unref();
  closeSync(log);
  while (!over && !isCurrent(paths, daemon)) await sleep(10, undefined, { signal });
}

/** Ends one process and waits until it is gone: first asked, after `graceMs` forced. */
async function end(record: ProcessIdentity, graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs;
  const alive = () => isSameProcess(record, processNow(record.pid));
  process.kill(record.pid, 'SIGTERM');
  while (alive() && Date.now() < deadline) await sleep(20);
  if (alive()) process.kill(record.pid, 'SIGKILL');
  while (alive()) await sleep(10);
}

/** Stops a daemon by its name, if it runs. */
export async function stopDaemon(paths: ClusterPaths, name: string, graceMs = 5000): Promise<void> {
  const record = recorded(paths, name);
  if (record) await end(record, graceMs);
  await rm(pidFile(paths, name), { force: true });
}

/**
 * Adopts the daemon when it already runs as asked, starts it when it does not, restarts it when it runs otherwise.
 * Does not wait until it is ready: see {@link waitFor}.
 */
export async function ensureDaemon(cluster: Cluster, daemon: Daemon): Promise<void> {
  if (isCurrent(cluster.paths, daemon)) return;
  await stopDaemon(cluster.paths, daemon.name);
  cluster.signal.throwIfAborted();
  await launch(cluster, daemon);
}

/** A component that did not become ready: the message names its log and shows its end. */
export class DaemonFailed extends Error {
  constructor(
    readonly component: string,
    what: string,
    log: string,
  ) {
    const lines = (readOrNothing(log) ?? '').trimEnd().split('\n').slice(-12);
    super(`${component}: ${what}. Its log is ${log} and ends with:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    this.name = 'DaemonFailed';
  }
}

/** What is waited for, and how long. */
export interface Readiness {
  /** Resolves to true once it is ready; a rejection counts as not yet. */
  readonly ready: () => Promise<boolean>;
  /** In milliseconds. @default 60_000 */
  readonly timeoutMs?: number;
}

/**
 * Waits until daemons that were started run and are ready together; the last named is the one that is asked.
 * @throws DaemonFailed when one ends, or they are not ready in time. The signal's reason when that fires.
 */
export async function waitFor(cluster: Cluster, names: readonly string[], readiness: Readiness): Promise<void> {
  const { paths, signal } = cluster;
  const started = Date.now();
  const timeoutMs = readiness.timeoutMs ?? 60_000;
  const absent = () => names.find((name) => runningPid(paths, name) === undefined);
  for (;;) {
    signal.throwIfAborted();
    const ended = absent();
    if (ended !== undefined) throw new DaemonFailed(ended, 'it has ended', logFile(paths, ended));
    if (await readiness.ready().catch(() => false)) return;
    const age = Date.now() - started;
    const asked = names.at(-1) ?? '';
    if (age > timeoutMs) throw new DaemonFailed(asked, `not ready after ${timeoutMs / 1000} s`, logFile(paths, asked));
    await sleep(100, undefined, { signal });
  }
}

/** Every daemon that was ever started in this cluster, in order of name. */
export async function daemonStates(paths: ClusterPaths): Promise<readonly DaemonState[]> {
  const names = await readdir(join(paths.run, 'pids')).catch(() => []);
  return names.toSorted().map((name) => {
    const pid = runningPid(paths, name);
    return { name, pid, state: pid === undefined ? 'dead' : 'running' };
  });
}
