import { expect, test } from 'vitest';
import type { KubeObject } from '../../../controllers/loop/source.ts';
import { eventLine, type FakeApi, refuse, saying, startFakeApi, statusOf } from './fake-api.ts';
import { type RunningLoop, type RunOptions, runLoop, until } from './running-loop.ts';

/** A fake API with the things `a` and `b`, and a loop that watches them. */
async function watching(options: RunOptions = {}): Promise<{ fake: FakeApi; run: RunningLoop } & AsyncDisposable> {
  const fake = await startFakeApi();
  fake.put('a', 1);
  fake.put('b', 1);
  const run = runLoop(fake, options);
  await until(() => run.loop.unready() === null && fake.openWatches() === 1);
  return {
    fake,
    run,
    async [Symbol.asyncDispose]() {
      await run[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

test('a 410 answer to a watch brings a new list: what was deleted meanwhile disappears', async () => {
  await using world = await watching();
  const { fake, run } = world;
  fake.silently(() => {
    fake.remove('a');
    fake.put('c', 1);
  });
  fake.compact();
  fake.reset();
  await until(() => run.keys() === 'b c');
  expect(run.metric('faults_total{source="things",fault="gone"}')).toBe(1);
  expect(run.metric('lists_total{source="things"}')).toBe(2);
});

test('a 410 event in a watch brings a new list', async () => {
  await using world = await watching();
  const { fake, run } = world;
  fake.silently(() => fake.remove('b'));
  fake.write(eventLine('ERROR', statusOf(410, 'Expired')));
  await until(() => run.keys() === 'a');
});

test('a version that the server has not reached brings a new list', async () => {
  await using world = await watching();
  const { fake, run } = world;
  fake.silently(() => fake.remove('b'));
  const causes = [{ reason: 'ResourceVersionTooLarge' }];
  fake.write(eventLine('ERROR', { ...statusOf(504, 'Timeout'), details: { causes } }));
  await until(() => run.keys() === 'a');
});

test('410 again and again is met with longer and longer waits, and nothing is reconciled', async () => {
  await using world = await watching({ times: 1_000 });
  const { fake, run } = world;
  fake.always('watch', refuse(410, 'Expired'));
  fake.reset();
  const backoffs = () => run.lines.filter((line) => line.includes('"gone"')).map((line) => JSON.parse(line).waitMs);
  await until(() => backoffs().length >= 8);
  expect(backoffs().slice(0, 8)).toEqual([1_200, 2_400, 4_800, 9_600, 19_200, 22_500, 22_500, 22_500]);
  expect(run.reconciled).toHaveLength(1);
});

test('a list that fails with 500 is tried again', async () => {
  await using fake = await startFakeApi();
  fake.put('a');
  fake.fail('list', refuse(500), refuse(500));
  await using run = runLoop(fake);
  await until(() => run.loop.unready() === null);
  expect([run.keys(), fake.lists.length]).toEqual(['a', 3]);
});

test.each([503, 500, 429, 401, 403])(
  'a watch refused with %i is opened again from the same version, without a list',
  async (code) => {
    await using world = await watching();
    const { fake, run } = world;
    const before = fake.watches.at(-1)?.query.get('resourceVersion');
    fake.fail('watch', refuse(code), refuse(code));
    fake.reset();
    fake.put('c');
    await until(() => run.keys() === 'a b c');
    expect(fake.lists).toHaveLength(1);
    expect(fake.watches.at(-1)?.query.get('resourceVersion')).toBe(before);
    expect(run.loop.unready()).toBeNull();
  },
);

test('Retry-After is waited for', async () => {
  await using world = await watching();
  const { fake, run } = world;
  fake.fail('watch', refuse(429, 'TooManyRequests', { 'retry-after': '17' }));
  fake.reset();
  await until(() => run.clock.waits.includes(17_000));
  fake.put('c');
  await until(() => run.keys() === 'a b c');
});

test('a token that was rotated is read again at the first 401', async () => {
  await using world = await watching();
  const { fake, run } = world;
  fake.token = 'second';
  fake.fail('watch', refuse(401, 'Unauthorized'));
  fake.reset();
  fake.put('c');
  await until(() => run.keys() === 'a b c');
  expect(fake.watches.slice(-2).map((watch) => watch.token)).toEqual(['first', 'second']);
  expect(run.metric('faults_total{source="things",fault="unauthorized"}')).toBe(0);
});

test('a token that stays wrong is tried again every few seconds, not every half minute', async () => {
  await using world = await watching({ times: 1_000 });
  const { fake, run } = world;
  fake.always('watch', refuse(401, 'Unauthorized'));
  fake.reset();
  const waits = () => run.lines.filter((line) => line.includes('unauthorized')).map((line) => JSON.parse(line).waitMs);
  await until(() => waits().length >= 8);
  expect(Math.max(...waits())).toBe(4_000);
});

test('a connection that is reset in the middle loses no event', async () => {
  await using world = await watching();
  const { fake, run } = world;
  fake.put('c');
  fake.reset();
  fake.put('d');
  fake.remove('a');
  await until(() => run.keys() === 'b c d');
  expect(fake.lists).toHaveLength(1);
});

test('a server that ends every watch at once is asked less and less often', async () => {
  await using world = await watching({ times: 1_000 });
  const { fake, run } = world;
  fake.always('watch', saying('', 'end'));
  const before = fake.watches.length;
  fake.reset();
  await until(() => fake.watches.length >= before + 9);
  const longest = run.clock.waits.filter((ms) => ms >= 20_000 && ms <= 30_000);
  expect(longest.length).toBeGreaterThanOrEqual(3);
  expect(fake.lists).toHaveLength(1);
});

test('a stream that stays open and silent is given up half a minute after the server should have ended it', async () => {
  await using world = await watching({ times: 1_000 });
  const { fake, run } = world;
  expect(fake.watches.at(-1)?.query.get('timeoutSeconds')).toBe('450');
  await until(() => run.metric('faults_total{source="things",fault="silent"}') === 1);
  fake.put('c');
  await until(() => run.keys() === 'a b c');
  expect(fake.lists).toHaveLength(1);
});

test('a stream that had bookmarks and then falls silent is given up after three minutes', async () => {
  await using world = await watching({ times: 1_000, watchTiming: { watchSeconds: [100_000, 100_000] } });
  const { fake, run } = world;
  fake.bookmark();
  await until(() => run.metric('faults_total{source="things",fault="silent"}') === 1);
  fake.put('c');
  await until(() => run.keys() === 'a b c');
});

test('half a line is counted, and what it would have told comes again', async () => {
  await using world = await watching();
  const { fake, run } = world;
  const version = fake.version();
  const half = eventLine('ADDED', { metadata: { name: 'c', resourceVersion: '900' } }).slice(0, 30);
  fake.fail('watch', saying(half, 'end'), saying(`${half}\n`));
  fake.reset();
  fake.put('c');
  await until(() => run.keys() === 'a b c');
  expect(run.metric('faults_total{source="things",fault="badLine"}')).toBe(2);
  expect(fake.watches.slice(-3).map((watch) => watch.query.get('resourceVersion'))).toEqual([
    version,
    version,
    version,
  ]);
});

test('a line that stays broken is got around by a list', async () => {
  await using world = await watching();
  const { fake, run } = world;
  fake.always('watch', saying('{]\n'));
  fake.reset();
  fake.silently(() => fake.put('c'));
  await until(() => run.keys() === 'a b c');
});

test('an ERROR event is waited out, and the watch goes on from the same version', async () => {
  await using world = await watching();
  const { fake, run } = world;
  fake.fail('watch', saying(eventLine('ERROR', statusOf(500, 'InternalError'))));
  fake.reset();
  fake.put('c');
  await until(() => run.keys() === 'a b c');
  expect(run.metric('faults_total{source="things",fault="server"}')).toBe(1);
  expect(fake.lists).toHaveLength(1);
});

test('an object without metadata, a name or a version is left out and counted; the rest goes on', async () => {
  await using world = await watching();
  const { fake, run } = world;
  for (const object of [{}, null, 7, { metadata: { name: 'x' } }, { metadata: { resourceVersion: '900' } }]) {
    fake.write(eventLine('ADDED', object));
  }
  for (const labels of [{ a: 7 }, 'text', ['text']]) {
    fake.write(eventLine('MODIFIED', { metadata: { name: 'x', resourceVersion: '901', labels } }));
  }
  fake.put('c');
  await until(() => run.keys() === 'a b c');
  expect(run.metric('refused_total{source="things",reason="nameless"}')).toBe(8);
});

test('an object without metadata in a list is left out and counted', async () => {
  await using fake = await startFakeApi();
  fake.fail('list', (response) => {
    response.end(
      JSON.stringify({
        metadata: { resourceVersion: '100' },
        items: [{}, { metadata: { name: 'a', resourceVersion: '7' }, spec: 1 }],
      }),
    );
  });
  await using run = runLoop(fake);
  await until(() => run.loop.unready() === null);
  expect(run.reconciled).toEqual([['a']]);
  expect(run.metric('refused_total{source="things",reason="nameless"}')).toBe(1);
});

test('an object that cannot be read is left out alone, told by its name only, and back once it is mended', async () => {
  const project = ({ spec }: KubeObject) => {
    if (spec === 'poison') throw new RangeError('cannot read poison');
    return spec;
  };
  await using fake = await startFakeApi();
  fake.put('a', 'poison');
  fake.put('b', 1);
  await using run = runLoop(fake, { source: { project } });
  await until(() => run.keys() === 'b');
  fake.put('b', 'poison');
  await until(() => run.loop.state()?.things.size === 0);
  expect(run.metric('objects_refused{source="things"}')).toBe(2);
  fake.put('a', 2);
  await until(() => run.keys() === 'a');
  expect(run.lines.filter((line) => line.includes('objectRefused'))).toHaveLength(2);
  expect(run.lines.join()).not.toContain('poison');
});

test('events that are old, or come twice, change nothing and reconcile nothing', async () => {
  await using world = await watching();
  const { fake, run } = world;
  fake.put('a', 2);
  fake.remove('b');
  await until(() => run.reconciled.length === 2);
  const thing = (name: string, version: string, spec: unknown) => ({
    metadata: { name, namespace: 'default', resourceVersion: version },
    spec,
  });
  fake.write(eventLine('MODIFIED', thing('a', '101', 1)));
  fake.write(eventLine('MODIFIED', thing('a', '103', 2)));
  fake.write(eventLine('ADDED', thing('b', '102', 1)));
  fake.write(eventLine('DELETED', thing('a', '99', 1)));
  fake.bookmark();
  await until(() => run.metric('events_total{source="things",type="bookmark"}') === 1);
  expect([run.keys(), run.specOf('a')]).toEqual(['a', 2]);
  fake.put('c', 1);
  await until(() => run.reconciled.length === 3);
  expect(run.reconciled.at(-1)).toEqual(['default/a', 'default/c']);
});

test('a bookmark moves the version that the next watch begins at', async () => {
  await using world = await watching();
  const { fake, run } = world;
  fake.silently(() => fake.put('elsewhere'));
  fake.bookmark();
  await until(() => run.metric('events_total{source="things",type="bookmark"}') === 1);
  fake.reset();
  await until(() => fake.watches.length === 2 && fake.openWatches() === 1);
  expect(fake.watches.at(-1)?.query.get('resourceVersion')).toBe(fake.version());
});

test('a server that is down for a while leaves the state, and readiness, as they were', async () => {
  await using world = await watching();
  const { fake, run } = world;
  await fake.stop();
  await until(() => run.metric('faults_total{source="things",fault="connection"}') >= 3);
  expect([run.keys(), run.loop.unready(), run.reconciled.length]).toEqual(['a b', null, 1]);
  expect(run.metric('staleness_seconds{source="things"}')).toBeGreaterThan(0);
  await fake.restart();
  fake.put('c');
  await until(() => run.keys() === 'a b c');
  expect(fake.lists).toHaveLength(1);
});

test('what was missed stays missed for an hour at most', async () => {
  await using world = await watching({ times: 10_000 });
  const { fake, run } = world;
  fake.silently(() => fake.put('c'));
  const ending = setInterval(() => fake.endWatches(), 20);
  await until(() => run.keys() === 'a b c');
  clearInterval(ending);
});
