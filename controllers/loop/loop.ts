import { setMaxListeners } from 'node:events';
import type { ApiClient } from './api.ts';
import type { Clock } from './clock.ts';
import { createListWatch, type ListWatch } from './list-watch.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { createReconciler } from './reconciler.ts';
import type { Sources, StateOf } from './source.ts';
import { defaultReconcileTiming, defaultWatchTiming, type ReconcileTiming, type WatchTiming } from './timing.ts';
import { createWatchMetrics } from './watch-metrics.ts';

/** What a loop is made of. */
export interface LoopOptions<S extends Sources> {
  readonly api: ApiClient;
  readonly sources: S;
  /**
   * Makes the world agree with the whole state; what changed is not told. Called first when every source has been
   * listed once, never twice at a time. When it throws it is called again after a while, with the state of then.
   * @param signal fires when it takes too long, and when the loop is stopped.
   */
  readonly reconcile: (state: StateOf<S>, signal: AbortSignal) => Promise<void> | void;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** @default {@link defaultWatchTiming} */
  readonly watchTiming?: Partial<WatchTiming>;
  /** @default {@link defaultReconcileTiming} */
  readonly reconcileTiming?: Partial<ReconcileTiming>;
}

/** A loop at work. */
export interface Loop<S extends Sources> {
  /** null once every source has been listed and a reconcile has succeeded; else why not. Never goes back. */
  readonly unready: () => string | null;
  /** null, or that a reconcile hangs: only a restart helps. */
  readonly unhealthy: () => string | null;
  /** null until every source has been listed once. */
  readonly state: () => StateOf<S> | null;
  /** Reconciles soon, as after a change: something outside the sources has changed. */
  readonly trigger: () => void;
  /** Ends the watches, lets a reconcile under way end, and starts none. */
  readonly stop: () => Promise<void>;
}

/** Lists and watches every source, and reconciles after changes. Never throws and never ends the program. */
export function startLoop<S extends Sources>(options: LoopOptions<S>): Loop<S> {
  const { api, clock, log, metrics } = options;
  const stopped = new AbortController();
  // Each source waits for it: many sources are no leak.
  setMaxListeners(0, stopped.signal);
  const reconciler = createReconciler({
    reconcile: (signal) => options.reconcile(state() as StateOf<S>, signal),
    isReady: () => waitingFor() === null,
    clock,
    log,
    metrics,
    timing: { ...defaultReconcileTiming, ...options.reconcileTiming },
  });
  const watchMetrics = createWatchMetrics(metrics, () => watches, clock);
  const timing = { ...defaultWatchTiming, ...options.watchTiming };
  const watches = new Map<string, ListWatch<unknown>>(
    Object.entries(options.sources).map(([name, source]) => [
      name,
      createListWatch({ name, source, api, clock, log, timing, metrics: watchMetrics, onChange: reconciler.changed }),
    ]),
  );
  const waitingFor = () => [...watches].find(([, watch]) => !watch.isSynced())?.[0] ?? null;
  const state = () =>
    waitingFor() === null
      ? (Object.fromEntries([...watches].map(([name, watch]) => [name, watch.state()])) as StateOf<S>)
      : null;
  const running = [...watches.values()].map((watch) => watch.run(stopped.signal));
  const reconciling = reconciler.run(stopped.signal);
  return {
    unready() {
      const source = waitingFor();
      return source === null ? reconciler.unready() : `waiting for the first list of ${source}`;
    },
    unhealthy: reconciler.unhealthy,
    state,
    trigger: reconciler.changed,
    async stop() {
      stopped.abort();
      await Promise.all([...running, reconciling]);
    },
  };
}
