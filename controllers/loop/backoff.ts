import type { Clock } from './clock.ts';

/** How waits between failures grow. */
export interface BackoffTiming {
  /** Wait after the first failure, milliseconds. */
  readonly firstMs: number;
  /** No wait is longer, milliseconds. */
  readonly mostMs: number;
}

/** Waits that double with each failure, spread between half and whole, so that many programs do not return at once. */
export interface Backoff {
  /** Milliseconds to wait after one more failure. */
  readonly next: () => number;
  /** Failures since the last reset. */
  readonly failures: () => number;
  readonly reset: () => void;
}

export function createBackoff(timing: BackoffTiming, random: Clock['random']): Backoff {
  let failures = 0;
  return {
    next() {
      const full = Math.min(timing.mostMs, timing.firstMs * 2 ** Math.min(failures, 30));
      failures += 1;
      return full * (0.5 + random() / 2);
    },
    failures: () => failures,
    reset() {
      failures = 0;
    },
  };
}
