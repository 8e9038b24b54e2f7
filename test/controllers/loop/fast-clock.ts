import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../../controllers/loop/clock.ts';

/** A clock that runs so many times faster than the machine's, and remembers every wait in its own time. */
export interface FastClock extends Clock {
  /** Milliseconds, in the order in which the waits were begun. */
  readonly waits: readonly number[];
}

export function fastClock(times = 100): FastClock {
  const waits: number[] = [];
  return {
    waits,
    wallMs: () => performance.now() * times,
    monotonicMs: () => performance.now() * times,
    random: () => 0.5,
    sleep(ms, signal) {
      waits.push(ms);
      return wait(Math.min(ms / times, 2_000_000), undefined, { signal }).catch(() => undefined);
    },
  };
}
