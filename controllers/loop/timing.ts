import type { BackoffTiming } from './backoff.ts';

/** How a source is listed and watched. All in milliseconds where nothing else is said. */
export interface WatchTiming {
  /** Objects a page. */
  readonly pageSize: number;
  /** The server is asked to end a watch after a time between these two, seconds. */
  readonly watchSeconds: readonly [least: number, most: number];
  /** How much later than that the watch is given up. */
  readonly lateMs: number;
  /** A watch that has had a bookmark, and then nothing for this long, is given up. */
  readonly silentMs: number;
  readonly backoff: BackoffTiming;
  /** The longest wait after a 401: a new token comes by itself. */
  readonly unauthorizedMostMs: number;
  /** No wait that a server asks for is longer. */
  readonly retryAfterMostMs: number;
  /** A watch that lasted this long starts the backoff anew. */
  readonly healthyMs: number;
  /** A list is never older, so that nothing that was missed stays missed. */
  readonly relistMs: number;
  /** A list that lost more than `share` of at least `least` objects is believed only when a second one agrees. */
  readonly shrink: { readonly least: number; readonly share: number; readonly confirmMs: number };
}

/** When changes are acted on, milliseconds. */
export interface ReconcileTiming {
  /** This long without a further change. */
  readonly quietMs: number;
  /** Never longer after the first change, however many follow. */
  readonly mostWaitMs: number;
  /** From the start of one reconcile to the start of the next. */
  readonly minGapMs: number;
  /** After a reconcile that threw. */
  readonly backoff: BackoffTiming;
  /** A reconcile that takes longer is told to stop; after twice this time the program calls itself unhealthy. */
  readonly timeoutMs: number;
  /** A reconcile follows after this time even when nothing changed; null for never. */
  readonly repeatMs: number | null;
}

export const defaultWatchTiming: WatchTiming = {
  pageSize: 500,
  watchSeconds: [300, 600],
  lateMs: 30_000,
  silentMs: 180_000,
  backoff: { firstMs: 800, mostMs: 30_000 },
  unauthorizedMostMs: 4_000,
  retryAfterMostMs: 300_000,
  healthyMs: 120_000,
  relistMs: 3_600_000,
  shrink: { least: 20, share: 0.5, confirmMs: 5_000 },
};

export const defaultReconcileTiming: ReconcileTiming = {
  quietMs: 500,
  mostWaitMs: 2_000,
  minGapMs: 3_000,
  backoff: { firstMs: 1_000, mostMs: 60_000 },
  timeoutMs: 60_000,
  repeatMs: null,
};
