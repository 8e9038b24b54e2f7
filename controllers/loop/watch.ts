import type { ApiClient } from './api.ts';
import { cancelWith } from './cancel.ts';
import type { Clock } from './clock.ts';
import { readLines } from './lines.ts';
import { selectorsOf } from './list.ts';
import { collectionPath, type KubeObject, type Source } from './source.ts';
import type { WatchTiming } from './timing.ts';
import { isNotNewer, readWatchEvent, type WatchEvent } from './watch-event.ts';

/** One watch, from the version that is known. */
export interface WatchOptions {
  readonly api: ApiClient;
  readonly source: Source<unknown>;
  readonly version: string;
  readonly clock: Clock;
  readonly timing: WatchTiming;
  readonly signal: AbortSignal;
  readonly onOpen: () => void;
  /** An object is there, or there no more; old news do not come. */
  readonly onObject: (type: 'kept' | 'deleted', object: KubeObject) => void;
  /** Every whole event, also one that tells nothing new. */
  readonly onEvent: (type: WatchEvent['type']) => void;
  /** The next watch starts here. */
  readonly onVersion: (version: string) => void;
}

/** How a watch ended, when neither the connection failed nor the server answered with an error. */
export type WatchEnd = 'ended' | 'silent' | 'badLine' | 'gone' | 'error';

/**
 * Follows one watch to its end.
 * @throws as the client does, and the connection's error.
 */
export async function followWatch(options: WatchOptions): Promise<WatchEnd> {
  const { api, source, clock, timing } = options;
  const [least, most] = timing.watchSeconds;
  const seconds = Math.round(least + clock.random() * (most - least));
  const query = new URLSearchParams({
    ...selectorsOf(source),
    watch: '1',
    allowWatchBookmarks: 'true',
    resourceVersion: options.version,
    timeoutSeconds: String(seconds),
  });
  const work = cancelWith(options.signal);
  const silence = watchSilence({ clock, timing, seconds, cancel: () => work.cancel(), signal: work.signal });
  try {
    const stream = await api.open(`${collectionPath(source)}?${query}`, work.signal);
    options.onOpen();
    return await readEvents(stream, options, silence.heard);
  } catch (error) {
    if (silence.fired()) return 'silent';
    throw error;
  } finally {
    work.cancel();
    work.release();
    await silence.ended;
  }
}

async function readEvents(
  stream: Parameters<typeof readLines>[0],
  options: WatchOptions,
  heard: (isBookmark: boolean) => void,
): Promise<WatchEnd> {
  let known = options.version;
  for await (const line of readLines(stream)) {
    const event: WatchEvent = line.cut ? { type: 'badLine' } : readWatchEvent(line.text);
    heard(event.type === 'bookmark');
    options.onEvent(event.type);
    switch (event.type) {
      case 'kept':
      case 'deleted': {
        const version = event.object.metadata.resourceVersion ?? known;
        if (isNotNewer(version, known)) break;
        options.onObject(event.type, event.object);
        known = version;
        options.onVersion(known);
        break;
      }
      case 'bookmark':
        if (isNotNewer(event.resourceVersion, known)) break;
        known = event.resourceVersion;
        options.onVersion(known);
        break;
      case 'nameless':
        break;
      case 'badLine':
        return 'badLine';
      case 'error':
        return event.gone ? 'gone' : 'error';
      default:
        return event satisfies never;
    }
  }
  return 'ended';
}

interface SilenceOptions {
  readonly clock: Clock;
  readonly timing: WatchTiming;
  /** After which the server ends the watch by itself. */
  readonly seconds: number;
  readonly cancel: () => void;
  readonly signal: AbortSignal;
}

/** Ends a watch that outlives its time, or that has had bookmarks and then nothing more. */
function watchSilence({ clock, timing, seconds, cancel, signal }: SilenceOptions) {
  const latest = clock.monotonicMs() + seconds * 1_000 + timing.lateMs;
  let lastHeard = Number.POSITIVE_INFINITY;
  let hasFired = false;
  const follow = async () => {
    while (!signal.aborted) {
      const leftMs = Math.min(latest, lastHeard + timing.silentMs) - clock.monotonicMs();
      if (leftMs <= 0) {
        hasFired = true;
        cancel();
        return;
      }
      await clock.sleep(Math.min(leftMs, timing.silentMs / 2), signal);
    }
  };
  let hasBookmarks = false;
  return {
    heard: (isBookmark: boolean) => {
      hasBookmarks ||= isBookmark;
      if (hasBookmarks) lastHeard = clock.monotonicMs();
    },
    fired: () => hasFired,
    ended: follow(),
  };
}
