import { createBackoff } from './backoff.ts';
import { type Cancel, cancelWith } from './cancel.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { ReconcileTiming } from './timing.ts';

/** What a reconciler is made of. */
export interface ReconcilerOptions {
  readonly reconcile: (signal: AbortSignal) => Promise<void> | void;
  /** Whether there is a whole state to reconcile. */
  readonly isReady: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly timing: ReconcileTiming;
}

/** Decides when to reconcile, and does it one at a time. */
export interface Reconciler {
  readonly changed: () => void;
  /** null once a reconcile has succeeded. */
  readonly unready: () => string | null;
  /** null unless a reconcile hangs. */
  readonly unhealthy: () => string | null;
  /** Resolves after the signal has fired and the reconcile under way has ended. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** What is known when the time of the next reconcile is decided; monotonic milliseconds, null for never. */
export interface Pending {
  readonly firstChange: number | null;
  readonly lastChange: number | null;
  /** When a failed one is tried again. */
  readonly retryAt: number | null;
  readonly lastStart: number | null;
}

/** When the next reconcile is to start; null when there is no reason for one. */
export function dueAt(pending: Pending, timing: ReconcileTiming): number | null {
  const { firstChange, lastChange, retryAt, lastStart } = pending;
  const reasons: number[] = [];
  if (firstChange !== null && lastChange !== null) {
    reasons.push(Math.min(lastChange + timing.quietMs, firstChange + timing.mostWaitMs));
  }
  if (retryAt !== null) reasons.push(retryAt);
  if (timing.repeatMs !== null && lastStart !== null) reasons.push(lastStart + timing.repeatMs);
  if (reasons.length === 0) return null;
  return lastStart === null ? Math.min(...reasons) : Math.max(Math.min(...reasons), lastStart + timing.minGapMs);
}

const durationBounds = [0.005, 0.02, 0.1, 0.5, 2, 10, 60];

/** A reconciler that waits for the first change. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { clock, timing } = options;
  const attempt = createAttempt(options);
  let pending: Pending = { firstChange: null, lastChange: null, retryAt: null, lastStart: null };
  let startedAt: number | null = null;
  let hasSucceeded = false;
  let idle: Cancel | null = null;
  const changed = () => {
    const now = clock.monotonicMs();
    pending = { ...pending, firstChange: pending.firstChange ?? now, lastChange: now };
    idle?.cancel();
  };
  const reconcileOnce = async (stopped: AbortSignal) => {
    startedAt = clock.monotonicMs();
    pending = { firstChange: null, lastChange: null, retryAt: null, lastStart: startedAt };
    const waitMs = await attempt(stopped);
    startedAt = null;
    if (waitMs === null) hasSucceeded = true;
    else pending = { ...pending, retryAt: clock.monotonicMs() + waitMs };
  };
  /** The first reconcile follows the first whole state at once: there is nothing yet to spare. */
  const nextDue = () => (pending.lastStart === null ? pending.firstChange : dueAt(pending, timing));
  return {
    changed,
    unready: () => (hasSucceeded ? null : 'the first reconcile has not succeeded'),
    unhealthy() {
      const ageMs = startedAt === null ? 0 : clock.monotonicMs() - startedAt;
      return ageMs > 2 * timing.timeoutMs ? `a reconcile hangs for ${Math.round(ageMs / 1_000)} s` : null;
    },
    async run(stopped) {
      while (!stopped.aborted) {
        const due = options.isReady() ? nextDue() : null;
        const waitMs = due === null ? longestMs : due - clock.monotonicMs();
        if (waitMs <= 0) {
          await reconcileOnce(stopped);
          continue;
        }
        idle = cancelWith(stopped);
        await clock.sleep(Math.min(waitMs, longestMs), idle.signal);
        idle.release();
      }
    },
  };
}

/** One reconcile: null when it succeeded, else how long to wait before the next, milliseconds. */
function createAttempt({ reconcile, clock, log, metrics, timing }: ReconcilerOptions) {
  const runs = metrics.counter('reconciles_total', 'Reconciles, by how they ended.');
  const duration = metrics.histogram('reconcile_duration_seconds', 'Time of one reconcile.', durationBounds);
  const backoff = createBackoff(timing.backoff, clock.random);
  return async (stopped: AbortSignal): Promise<number | null> => {
    const started = clock.monotonicMs();
    const work = cancelWith(stopped);
    const ended = new AbortController();
    const deadline = clock.sleep(timing.timeoutMs, ended.signal).then(() => {
      if (!ended.signal.aborted) work.cancel(new Error(`not done after ${timing.timeoutMs} ms`));
    });
    try {
      await reconcile(work.signal);
      backoff.reset();
      runs.add({ outcome: 'succeeded' });
      return null;
    } catch (error) {
      const waitMs = backoff.next();
      runs.add({ outcome: 'failed' });
      const message = error instanceof Error ? error.message : String(error);
      log('error', 'reconcileFailed', { message, failures: backoff.failures(), waitMs: Math.round(waitMs) });
      return waitMs;
    } finally {
      duration.observe((clock.monotonicMs() - started) / 1_000);
      ended.abort();
      work.release();
      await deadline;
    }
  };
}

/** The longest wait of Node's timers. */
const longestMs = 2_147_483_647;
