import { createHash } from 'node:crypto';
import { type ApiClient, ApiError } from './api.ts';
import { type BucketTiming, createBuckets } from './bucket.ts';
import type { Clock } from './clock.ts';
import { microTime } from './lease-record.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** The object that an event is about. */
export interface Regarding {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Absent for an object of the whole cluster: its events are in the namespace `default`. */
  readonly namespace?: string;
  readonly uid?: string;
}

/** What is told to whoever reads the events of an object. */
export interface Telling {
  readonly regarding: Regarding;
  /** @default Warning */
  readonly type?: 'Normal' | 'Warning';
  /** One word for machines, as `InvalidRoute`. */
  readonly reason: string;
  /** What was tried, one word, as `Route`. */
  readonly action: string;
  /** For people: where, what was found, what was expected, how to mend it. Never a secret. Cut at 1024 bytes. */
  readonly note: string;
}

/** Limits of an event writer. */
export interface EventTiming {
  /** The same telling is written again after this time, milliseconds: the server forgets events after an hour. */
  readonly refreshMs: number;
  /** For the events of each namespace. */
  readonly bucket: BucketTiming;
  /** Events that wait to be written; more are dropped. */
  readonly mostWaiting: number;
  /** The pause after a write that failed, milliseconds. */
  readonly pauseMs: number;
}

export const defaultEventTiming: EventTiming = {
  refreshMs: 1_800_000,
  bucket: { burst: 25, refillMs: 10_000 },
  mostWaiting: 500,
  pauseMs: 5_000,
};

/** What an event writer is made of. The program needs `create` and `patch` on `events` of `events.k8s.io`. */
export interface EventWriterOptions {
  readonly api: ApiClient;
  /** Name of the program, as `edgeplane-router`. */
  readonly controller: string;
  /** Name of its pod. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** @default {@link defaultEventTiming} */
  readonly timing?: EventTiming;
}

/** Tells people about objects. Events are a courtesy: nothing waits for them, and one that fails is dropped. */
export interface EventWriter {
  /** May be called at each reconcile with everything that is so: the same telling is written once. */
  readonly tell: (telling: Telling) => void;
  /** Ends when the event that is being written is; those that wait are dropped. */
  readonly stop: () => Promise<void>;
}

/** Tellings that are remembered as written. */
const mostKnown = 10_000;

export function createEventWriter(options: EventWriterOptions): EventWriter {
  const { clock, metrics, timing = defaultEventTiming } = options;
  const written = metrics.counter('events_written_total', 'Events about objects, by how writing them ended.');
  const known = new Map<string, number>();
  const waiting: Waiting[] = [];
  const buckets = createBuckets(timing.bucket);
  const stopped = new AbortController();
  let running: Promise<void> | null = null;
  const drain = async () => {
    for (let next = waiting.shift(); next !== undefined && !stopped.signal.aborted; next = waiting.shift()) {
      const pauseMs = await write(options, next, stopped.signal);
      written.add({ outcome: pauseMs === null ? 'written' : 'failed' });
      if (pauseMs === null) continue;
      known.delete(next.id);
      await clock.sleep(Math.max(pauseMs, timing.pauseMs), stopped.signal);
    }
    running = null;
  };
  return {
    tell(telling) {
      const now = clock.monotonicMs();
      const id = idOf(telling);
      const before = known.get(id);
      if (before !== undefined && now - before < timing.refreshMs) return;
      const isOver = waiting.length >= timing.mostWaiting || !buckets.take(namespaceOf(telling.regarding), now);
      if (isOver) {
        written.add({ outcome: 'dropped' });
        return;
      }
      remember(known, id, now);
      waiting.push({ id, telling });
      running ??= drain();
    },
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

interface Waiting {
  readonly id: string;
  readonly telling: Telling;
}

function remember(known: Map<string, number>, id: string, now: number): void {
  known.delete(id);
  known.set(id, now);
  const [oldest] = known.keys();
  if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
}

/** The same for the same telling in every replica and after every restart: it is one event on the server. */
function idOf({ regarding, reason, note }: Telling): string {
  const { apiVersion, kind, name, namespace = '', uid = '' } = regarding;
  const parts = JSON.stringify([apiVersion, kind, namespace, name, uid, reason, note]);
  return createHash('sha256').update(parts).digest('hex').slice(0, 16);
}

const namespaceOf = (regarding: Regarding) => regarding.namespace ?? 'default';

/** null when the event is there, else how long the server wants to be left alone, milliseconds. */
async function write(options: EventWriterOptions, next: Waiting, signal: AbortSignal): Promise<number | null> {
  const { api, log } = options;
  const path = `/apis/events.k8s.io/v1/namespaces/${encodeURIComponent(namespaceOf(next.telling.regarding))}/events`;
  const event = eventOf(options, next);
  try {
    await api.call({ method: 'POST', path, body: event, signal });
    return null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 409) return refresh(options, `${path}/${event.metadata.name}`);
    if (!signal.aborted) log('error', 'eventFailed', { message: (error as Error).message });
    return error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
  }
}

/** The event is there already, from another replica or from before: it is seen once more. */
async function refresh({ api, clock, log }: EventWriterOptions, path: string): Promise<number | null> {
  try {
    const body = { series: { count: 2, lastObservedTime: microTime(clock.wallMs()) } };
    await api.call({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' });
    return null;
  } catch (error) {
    log('error', 'eventFailed', { message: (error as Error).message });
    return 0;
  }
}

/** A name has at most 253 bytes, of lower-case letters, digits, `-` and `.`. */
function eventName(regarding: Regarding, id: string): string {
  const start = regarding.name.toLowerCase().replace(/[^a-z0-9.-]/g, '-');
  return `${start.slice(0, 230).replace(/[.-]+$/, '')}.${id}`;
}

function eventOf({ controller, instance, clock }: EventWriterOptions, { id, telling }: Waiting) {
  const { regarding, type = 'Warning', reason, action, note } = telling;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: eventName(regarding, id), namespace: namespaceOf(regarding) },
    eventTime: microTime(clock.wallMs()),
    reportingController: controller,
    reportingInstance: instance,
    type,
    reason,
    action,
    note: cutAt(note, 1_024),
    regarding,
  };
}

/** Whole characters of a text that fit. */
function cutAt(text: string, mostBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= mostBytes) return text;
  const end = mostBytes - 3;
  let from = end;
  while (from > 0 && ((bytes[from] ?? 0) & 0xc0) === 0x80) from -= 1;
  return `${bytes.subarray(0, from).toString()}...`;
}
