import { rm } from 'node:fs/promises';
import { type BackoffTiming, createBackoff } from '../../loop/backoff.ts';
import type { Clock } from '../../loop/clock.ts';
import type { Log } from '../../loop/log.ts';
import { readErrorLine } from './error-lines.ts';
import { type Master, type Program, servedGeneration, startMaster } from './program.ts';
import { isLeaving, workersOf } from './workers.ts';

/** Keeps one nginx running: what dies is started again from the file that is there. */
export interface Supervisor {
  /** Whether a master runs. */
  readonly running: () => boolean;
  /** Masters that ended without being asked to. */
  readonly deaths: () => number;
  /** Deaths since nginx last ran for a while: many mean that it does not come back by itself. */
  readonly failuresInARow: () => number;
  /** Makes nginx read its file anew. Nothing when none runs: the next one reads it anyway. */
  readonly reload: () => void;
  /** Pids of the workers that take connections now. */
  readonly workers: () => Promise<readonly number[]>;
  /** Lets requests under way end, at most `withinMs`, then ends nginx. */
  readonly quit: (withinMs: number) => Promise<void>;
}

export interface SupervisorOptions {
  readonly program: Program;
  /** The configuration; it has passed a test. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing?: SupervisorTiming;
}

/** Milliseconds. */
export interface SupervisorTiming {
  readonly backoff: BackoffTiming;
  /** A master that ran this long starts the backoff anew. */
  readonly healthyMs: number;
  /** For workers of a dead master to give up their ports. */
  readonly releaseMs: number;
}

const defaultTiming: SupervisorTiming = {
  backoff: { firstMs: 100, mostMs: 10_000 },
  healthyMs: 10_000,
  releaseMs: 50,
};

/** Starts nginx and looks after it until it is told to quit. */
export function superviseNginx(options: SupervisorOptions): Supervisor {
  const { program, file, clock, log, timing = defaultTiming } = options;
  const stop = new AbortController();
  const backoff = createBackoff(timing.backoff, clock.random);
  const state: { master: Master | null; deaths: number } = { master: null, deaths: 0 };
  const onLine = (line: string) => {
    const { level, message } = readErrorLine(line);
    log(level === 'warn' || level === 'notice' ? 'info' : 'error', 'nginx', { nginxLevel: level, message });
  };
  const runOnce = async () => {
    // A master that was killed leaves its socket, and the next could not listen on it.
    await rm(program.run.status, { force: true });
    const started = clock.monotonicMs();
    const master = startMaster(program, file, onLine);
    state.master = master;
    const why = await master.ended;
    state.master = null;
    if (stop.signal.aborted) return;
    if (clock.monotonicMs() - started >= timing.healthyMs) backoff.reset();
    state.deaths += 1;
    log('error', 'nginxDied', { why, deaths: state.deaths });
    master.signalAll('SIGQUIT');
    await clock.sleep(timing.releaseMs + backoff.next(), stop.signal);
  };
  const keepRunning = async () => {
    while (!stop.signal.aborted) await runOnce();
  };
  const done = keepRunning();
  return {
    running: () => state.master !== null,
    deaths: () => state.deaths,
    failuresInARow: backoff.failures,
    reload: () => state.master?.signal('SIGHUP'),
    workers: async () => {
      const workers = state.master === null ? [] : await workersOf(state.master.pid);
      return workers.filter((worker) => !worker.isLeaving).map(({ pid }) => pid);
    },
    quit: async (withinMs) => {
      stop.abort();
      const { master } = state;
      master?.signal('SIGQUIT');
      const late = setTimeout(() => master?.signalAll('SIGKILL'), withinMs);
      await done;
      clearTimeout(late);
    },
  };
}

interface Waiting {
  readonly clock: Clock;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** Waits until nginx answers at all. A master that is only just starting is ended by the signal that means a reload. */
export async function awaitAnswer(program: Program, { clock, withinMs, signal }: Waiting): Promise<boolean> {
  const deadline = clock.monotonicMs() + withinMs;
  while (!signal.aborted) {
    if ((await servedGeneration(program)) !== null) return true;
    if (clock.monotonicMs() > deadline) return false;
    await clock.sleep(20, signal);
  }
  return false;
}

/** nginx starts new workers 100 ms before it tells the old ones to take no more connections, milliseconds. */
const handOverMs = 150;

interface HandOver extends Waiting {
  /** Workers of the generation before, by their pids. They may be told late. */
  readonly before: readonly number[];
}

/**
 * Waits until nginx serves a generation and no worker of another takes connections any more; false when it did not serve
 * it within `withinMs`.
 */
export async function awaitGeneration(
  program: Program,
  generation: string,
  { clock, withinMs, signal, before }: HandOver,
): Promise<boolean> {
  const deadline = clock.monotonicMs() + withinMs;
  let since: number | null = null;
  while (!signal.aborted) {
    const served = await servedGeneration(program);
    const now = clock.monotonicMs();
    since = served === generation ? (since ?? now) : null;
    if (since !== null && now - since >= handOverMs && (await allLeave(before))) return true;
    // A worker that hangs and was told in vain answers nobody.
    if (now > deadline) return since !== null;
    await clock.sleep(20, signal);
  }
  return false;
}

async function allLeave(workers: readonly number[]): Promise<boolean> {
  return (await Promise.all(workers.map(isLeaving))).every((leaving) => leaving);
}
