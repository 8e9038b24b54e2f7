import type { Clock } from './clock.ts';
import type { Counter, Metrics, Sample } from './metrics.ts';

/** Why a list or a watch ended otherwise than it should. */
export type Fault =
  /** The version is not to be had any more: 410. */
  | 'gone'
  | 'unauthorized'
  | 'forbidden'
  | 'throttled'
  /** Any other 4xx. */
  | 'rejected'
  /** 5xx, or an ERROR event. */
  | 'server'
  /** Refused, reset, timed out, cut off. */
  | 'connection'
  /** Open, but nothing came. */
  | 'silent'
  | 'badLine';

/** Counts of all sources of one loop. */
export interface WatchMetrics {
  readonly lists: Counter;
  readonly watches: Counter;
  readonly events: Counter;
  readonly faults: Counter;
  readonly refused: Counter;
  readonly held: Counter;
}

/** What a source tells at a scrape. */
export interface WatchGauges {
  readonly size: () => number;
  readonly refusedSize: () => number;
  /** When the server last proved that the state is its own, monotonic milliseconds; null before the first list. */
  readonly lastContactMs: () => number | null;
}

export function createWatchMetrics(
  metrics: Metrics,
  sources: () => ReadonlyMap<string, WatchGauges>,
  clock: Pick<Clock, 'monotonicMs'>,
): WatchMetrics {
  const gauge = (name: string, help: string, read: (source: WatchGauges) => number) =>
    metrics.gauge(name, help, () =>
      [...sources()].map(([source, gauges]): Sample => ({ labels: { source }, value: read(gauges) })),
    );
  gauge('objects', 'Objects of a source, refused ones included.', (source) => source.size());
  gauge('objects_refused', 'Objects that are left out because they cannot be read.', (source) => source.refusedSize());
  gauge('staleness_seconds', 'Time since the server last spoke; -1 before the first list.', (source) => {
    const at = source.lastContactMs();
    return at === null ? -1 : (clock.monotonicMs() - at) / 1_000;
  });
  return {
    lists: metrics.counter('lists_total', 'Whole lists that were read.'),
    watches: metrics.counter('watches_total', 'Watches that were opened.'),
    events: metrics.counter('events_total', 'Events of watches, by their type.'),
    faults: metrics.counter('faults_total', 'Lists and watches that ended otherwise than they should.'),
    refused: metrics.counter('refused_total', 'Objects and events that were left out.'),
    held: metrics.counter('held_lists_total', 'Lists that had lost so much that a second one was asked for.'),
  };
}
