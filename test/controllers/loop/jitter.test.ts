import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { ApiClient } from '../../../controllers/loop/api.ts';
import { createBackoff } from '../../../controllers/loop/backoff.ts';
import { defaultWatchTiming } from '../../../controllers/loop/timing.ts';
import { followWatch } from '../../../controllers/loop/watch.ts';
import { manualClock } from './manual-clock.ts';
import { things } from './running-loop.ts';

const almostOne = 1 - Number.EPSILON;

test('waits double up to the longest, and each is spread between half of it and all of it', () => {
  const waits = (random: number) => {
    const backoff = createBackoff({ firstMs: 800, mostMs: 30_000 }, () => random);
    return Array.from({ length: 7 }, () => Math.round(backoff.next()));
  };
  expect(waits(0)).toEqual([400, 800, 1_600, 3_200, 6_400, 12_800, 15_000]);
  expect(waits(almostOne)).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]);
});

/** What a watch asks the server for when the dice fall so. */
async function asked(random: number): Promise<URLSearchParams> {
  const paths: string[] = [];
  const api: Pick<ApiClient, 'open'> = {
    open: async (path) => {
      paths.push(path);
      return Readable.from([]);
    },
  };
  await followWatch({
    api: api as ApiClient,
    source: things,
    version: '7',
    clock: { ...manualClock(), random: () => random },
    timing: defaultWatchTiming,
    signal: new AbortController().signal,
    onOpen: () => undefined,
    onObject: () => undefined,
    onEvent: () => undefined,
    onVersion: () => undefined,
  });
  return new URL(paths[0] ?? '', 'http://api.test').searchParams;
}

test('each watch asks the server to end it after a time of its own between five and ten minutes, and for bookmarks', async () => {
  const queries = await Promise.all([0, 0.25, almostOne].map(asked));
  expect(queries.map((query) => query.get('timeoutSeconds'))).toEqual(['300', '375', '600']);
  expect(queries.map((query) => query.get('allowWatchBookmarks'))).toEqual(['true', 'true', 'true']);
});
