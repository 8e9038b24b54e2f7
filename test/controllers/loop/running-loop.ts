import { setTimeout as wait } from 'node:timers/promises';
import { createApiClient } from '../../../controllers/loop/api.ts';
import { type Loop, startLoop } from '../../../controllers/loop/loop.ts';
import { createMetrics } from '../../../controllers/loop/metrics.ts';
import type { Source, StateOf } from '../../../controllers/loop/source.ts';
import type { ReconcileTiming, WatchTiming } from '../../../controllers/loop/timing.ts';
import type { FakeApi } from './fake-api.ts';
import { type FastClock, fastClock } from './fast-clock.ts';

type ThingSources = { readonly things: Source<unknown> };

/** A loop over the things of a fake API. */
export interface RunningLoop extends AsyncDisposable {
  readonly loop: Loop<ThingSources>;
  readonly clock: FastClock;
  /** The keys of the state at each reconcile. */
  readonly reconciled: readonly (readonly string[])[];
  /** Every line it logged, as JSON. */
  readonly lines: readonly string[];
  /** Keys now, in their order, joined by a space; without their namespace. */
  readonly keys: () => string;
  readonly specOf: (name: string) => unknown;
  /** Value of one series of the metrics, by its name without prefix and its labels; 0 when it is not there. */
  readonly metric: (series: string) => number;
}

export interface RunOptions {
  readonly times?: number;
  readonly source?: Partial<Source<unknown>>;
  readonly watchTiming?: Partial<WatchTiming>;
  readonly reconcileTiming?: Partial<ReconcileTiming>;
  readonly reconcile?: (state: StateOf<ThingSources>, signal: AbortSignal) => Promise<void> | void;
}

export const things: Source<unknown> = {
  apiVersion: 'example.dev/v1',
  plural: 'things',
  namespace: null,
  project: ({ spec }) => spec,
};

/** The defaults of time, on a clock that runs a hundred times faster. */
export function runLoop(fake: FakeApi, options: RunOptions = {}): RunningLoop {
  const clock = fastClock(options.times ?? 100);
  const metrics = createMetrics('test_');
  const api = createApiClient({ access: fake.access, clock, userAgent: 'test', timing: { answerMs: 2_000 } });
  const reconciled: (readonly string[])[] = [];
  const lines: string[] = [];
  const loop = startLoop({
    api,
    sources: { things: { ...things, ...options.source } },
    async reconcile(state, signal) {
      reconciled.push([...state.things.keys()]);
      await options.reconcile?.(state, signal);
    },
    clock,
    log: (level, event, facts) => lines.push(JSON.stringify({ level, event, ...facts })),
    metrics,
    ...(options.watchTiming ? { watchTiming: options.watchTiming } : {}),
    ...(options.reconcileTiming ? { reconcileTiming: options.reconcileTiming } : {}),
  });
  const state = () => loop.state()?.things ?? new Map<string, unknown>();
  return {
    loop,
    clock,
    reconciled,
    lines,
    keys: () => [...state().keys()].map((key) => key.replace('default/', '')).join(' '),
    specOf: (name) => state().get(`default/${name}`),
    metric(series) {
      const line = metrics
        .render()
        .split('\n')
        .find((text) => text.startsWith(`test_${series} `));
      return Number(line?.split(' ').at(-1) ?? 0);
    },
    async [Symbol.asyncDispose]() {
      await loop.stop();
      api.close();
    },
  };
}

/** Resolves when it is so; rejects with what was last found when it is not in ten seconds. */
export async function until(ask: () => boolean, tell: () => unknown = () => ''): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!ask()) {
    if (performance.now() > deadline) throw new Error(`not so after 10 s: ${ask} ${JSON.stringify(tell())}`);
    await wait(5);
  }
}
