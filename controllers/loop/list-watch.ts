import { type ApiClient, ApiError } from './api.ts';
import { createBackoff } from './backoff.ts';
import type { Clock } from './clock.ts';
import { createIntake, type Intake } from './intake.ts';
import { readList } from './list.ts';
import type { Log } from './log.ts';
import type { Source } from './source.ts';
import type { WatchTiming } from './timing.ts';
import { followWatch, type WatchEnd } from './watch.ts';
import type { Fault, WatchGauges, WatchMetrics } from './watch-metrics.ts';

/** What one source is listed and watched with. */
export interface ListWatchOptions<T> {
  /** Of the source, in metrics and logs. */
  readonly name: string;
  readonly source: Source<T>;
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing: WatchTiming;
  readonly metrics: WatchMetrics;
  /** The state is another one; told at the first list in any case. */
  readonly onChange: () => void;
}

/** One source, kept up to date. */
export interface ListWatch<T> extends WatchGauges {
  /** Whether it has been listed once. */
  readonly isSynced: () => boolean;
  /** What was last known; a fault leaves it as it is. */
  readonly state: () => ReadonlyMap<string, T>;
  /** Resolves when the signal has fired. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** What follows after a list or a watch has ended. */
interface Next {
  readonly fault: Fault | null;
  readonly relist: boolean;
  readonly retryAfterMs: number | null;
}

export function createListWatch<T>(options: ListWatchOptions<T>): ListWatch<T> {
  const { name, clock, log, metrics, timing } = options;
  const intake = createIntake<T>(options.source, (key, errorName) => {
    metrics.refused.add({ source: name, reason: 'unreadable' });
    log('error', 'objectRefused', { source: name, object: key, error: errorName });
  });
  const progress: Progress<T> = {
    ...options,
    intake,
    version: null,
    listedAt: 0,
    lastContact: null,
    isSynced: false,
    brokenStreams: 0,
  };
  const backoff = createBackoff(timing.backoff, clock.random);
  return {
    isSynced: () => progress.isSynced,
    state: intake.state,
    size: intake.size,
    refusedSize: intake.refusedSize,
    lastContactMs: () => progress.lastContact,
    async run(signal) {
      while (!signal.aborted) {
        const started = clock.monotonicMs();
        const next = await step(progress, signal);
        if (signal.aborted) return;
        const lasted = clock.monotonicMs() - started;
        if (next.relist) progress.version = null;
        if (lasted >= timing.healthyMs) backoff.reset();
        if (next.fault === null && lasted >= timing.healthyMs) continue;
        const waitMs = waitOf(next, backoff.next(), timing);
        if (next.fault !== null) {
          metrics.faults.add({ source: name, fault: next.fault });
          log('error', 'watchFailed', { source: name, fault: next.fault, waitMs: Math.round(waitMs) });
        }
        await clock.sleep(waitMs, signal);
      }
    },
  };
}

function waitOf(next: Next, backoffMs: number, timing: WatchTiming): number {
  if (next.retryAfterMs !== null) return Math.min(Math.max(next.retryAfterMs, backoffMs), timing.retryAfterMostMs);
  return next.fault === 'unauthorized' ? Math.min(backoffMs, timing.unauthorizedMostMs) : backoffMs;
}

interface Progress<T> extends ListWatchOptions<T> {
  readonly intake: Intake<T>;
  /** The next watch starts here; null: only a list helps. */
  version: string | null;
  listedAt: number;
  lastContact: number | null;
  isSynced: boolean;
  /** In succession, without an event in between. */
  brokenStreams: number;
}

const ended: Next = { fault: null, relist: false, retryAfterMs: null };

/** A list when one is needed, then one watch. */
async function step<T>(progress: Progress<T>, signal: AbortSignal): Promise<Next> {
  const { clock, timing } = progress;
  try {
    const isOld = clock.monotonicMs() - progress.listedAt > timing.relistMs;
    if (progress.version === null || isOld) await list(progress, signal);
    return nextOf(await watch(progress, signal), progress);
  } catch (error) {
    return nextOfError(error);
  }
}

async function list<T>(progress: Progress<T>, signal: AbortSignal): Promise<void> {
  const { name, clock, log, metrics, intake, timing } = progress;
  let read = await readOnce(progress, signal);
  if (hasShrunk(intake.size(), read.listing.entries.size, timing)) {
    metrics.held.add({ source: name });
    log('error', 'listHeld', { source: name, known: intake.size(), listed: read.listing.entries.size });
    await clock.sleep(timing.shrink.confirmMs, signal);
    read = await readOnce(progress, signal);
  }
  const changed = intake.replace(read.listing);
  progress.version = read.version;
  progress.listedAt = clock.monotonicMs();
  progress.lastContact = progress.listedAt;
  const isFirst = !progress.isSynced;
  progress.isSynced = true;
  if (isFirst) log('info', 'listed', { source: name, objects: intake.size() });
  if (changed || isFirst) progress.onChange();
}

function hasShrunk(before: number, after: number, { shrink }: WatchTiming): boolean {
  return before >= shrink.least && after < before * (1 - shrink.share);
}

async function readOnce<T>(progress: Progress<T>, signal: AbortSignal) {
  const { name, api, source, metrics, intake, timing } = progress;
  const listing = { entries: new Map() };
  const version = await readList(
    { api, source, pageSize: timing.pageSize, signal },
    {
      take: (object) => intake.gather(listing, object),
      refuse: () => metrics.refused.add({ source: name, reason: 'nameless' }),
      restart: () => listing.entries.clear(),
    },
  );
  metrics.lists.add({ source: name });
  return { listing, version };
}

async function watch<T>(progress: Progress<T>, signal: AbortSignal): Promise<WatchEnd> {
  const { name, api, source, clock, timing, metrics, intake } = progress;
  const heard = () => {
    progress.lastContact = clock.monotonicMs();
  };
  return followWatch({
    ...{ api, source, clock, timing, signal },
    version: progress.version ?? '',
    onOpen() {
      heard();
      metrics.watches.add({ source: name });
    },
    onObject(type, object) {
      const changed = type === 'kept' ? intake.keep(object) : intake.remove(object);
      if (changed) progress.onChange();
    },
    onEvent(type) {
      heard();
      metrics.events.add({ source: name, type });
      if (type === 'nameless') metrics.refused.add({ source: name, reason: 'nameless' });
    },
    onVersion(version) {
      progress.version = version;
      progress.brokenStreams = 0;
    },
  });
}

/** So many streams in succession may break at the same version before a list is tried instead. */
const mostBrokenStreams = 3;

function nextOf<T>(end: WatchEnd, progress: Progress<T>): Next {
  switch (end) {
    case 'ended':
      return ended;
    case 'silent':
      return { ...ended, fault: 'silent' };
    case 'gone':
      return { ...ended, fault: 'gone', relist: true };
    case 'badLine':
    case 'error': {
      progress.brokenStreams += 1;
      const relist = progress.brokenStreams >= mostBrokenStreams;
      return { ...ended, fault: end === 'error' ? 'server' : 'badLine', relist };
    }
    default:
      return end satisfies never;
  }
}

function nextOfError(error: unknown): Next {
  if (!(error instanceof ApiError)) return { ...ended, fault: 'connection' };
  const { status, retryAfterMs } = error;
  const fault = faultOf(status);
  return { fault, relist: fault === 'gone' || fault === 'rejected', retryAfterMs };
}

function faultOf(status: number): Fault {
  const known: Readonly<Record<number, Fault>> = {
    401: 'unauthorized',
    403: 'forbidden',
    410: 'gone',
    429: 'throttled',
  };
  return known[status] ?? (status >= 500 ? 'server' : 'rejected');
}
