import type { Clock } from '../../../controllers/loop/clock.ts';

/** A clock that stands still until it is moved, and wakes sleepers in the order of their times. */
export interface ManualClock extends Clock {
  readonly advance: (ms: number) => Promise<void>;
  /** As for a process that was paused: the time is over before anything sees it. */
  readonly jump: (ms: number) => Promise<void>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Lets everything run that waits for nothing but promises. */
const settle = async () => {
  for (let turn = 0; turn < 60; turn += 1) await null;
};

/** @param rate how fast this clock runs beside the others that are advanced with it. @default 1 */
export function manualClock(rate = 1, wallMs = 0): ManualClock {
  let now = 0;
  const sleepers = new Set<Sleeper>();
  const next = () => [...sleepers].toSorted((a, b) => a.at - b.at)[0];
  return {
    wallMs: () => wallMs + now,
    monotonicMs: () => now,
    random: () => 0.5,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const sleeper = {
          at: now + ms,
          wake() {
            sleepers.delete(sleeper);
            signal.removeEventListener('abort', sleeper.wake);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal.addEventListener('abort', sleeper.wake, { once: true });
      }),
    async advance(ms) {
      const end = now + ms * rate;
      await settle();
      for (let first = next(); first !== undefined && first.at <= end; first = next()) {
        now = Math.max(now, first.at);
        first.wake();
        await settle();
      }
      now = end;
    },
    async jump(ms) {
      now += ms * rate;
      for (let first = next(); first !== undefined && first.at <= now; first = next()) {
        first.wake();
        await settle();
      }
    },
  };
}
