import { setTimeout as wait } from 'node:timers/promises';

/** Every time that a controller sees, and every wait: tests put in their own. */
export interface Clock {
  /** Milliseconds since 1970; for people, never for order. */
  readonly wallMs: () => number;
  /** Milliseconds that no change of the clock moves. */
  readonly monotonicMs: () => number;
  /** Resolves after `ms`, or at once when the signal fires. Never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** At least 0, below 1: spreads what many programs do at once. */
  readonly random: () => number;
}

/** The machine's own time. */
export const systemClock: Clock = {
  wallMs: Date.now,
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined),
  random: Math.random,
};
