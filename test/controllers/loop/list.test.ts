import { expect, test } from 'vitest';
import { refuse, startFakeApi } from './fake-api.ts';
import { runLoop, until } from './running-loop.ts';

const names = (count: number) => Array.from({ length: count }, (_, index) => `t${String(index).padStart(2, '0')}`);

test('a list is read page by page, and the watch begins at its version', async () => {
  await using fake = await startFakeApi();
  for (const name of names(7)) fake.put(name);
  await using run = runLoop(fake, { watchTiming: { pageSize: 3 } });
  await until(() => run.loop.unready() === null && fake.openWatches() === 1);
  expect(fake.lists.map(({ query }) => [query.get('limit'), query.get('continue')])).toEqual([
    ['3', null],
    ['3', `${fake.version()}:3`],
    ['3', `${fake.version()}:6`],
  ]);
  expect(run.keys()).toBe(names(7).join(' '));
  expect(fake.watches[0]?.query.get('resourceVersion')).toBe(fake.version());
});

test('a list whose pages expire is begun anew, and is never half in the state', async () => {
  await using fake = await startFakeApi();
  for (const name of names(4)) fake.put(name);
  await using run = runLoop(fake, { watchTiming: { pageSize: 2 } });
  await until(() => run.loop.unready() === null && fake.openWatches() === 1);
  fake.always('list', (response, { query }) => {
    if (query.has('continue')) {
      refuse(410, 'Expired')(response, { path: '', query, token: undefined });
      return;
    }
    const kept = query.has('limit') ? names(4).slice(0, 2) : names(3);
    const items = kept.map((name) => ({ metadata: { name, namespace: 'default', resourceVersion: '7' }, spec: {} }));
    const metadata = { resourceVersion: '200', ...(query.has('limit') ? { continue: '2' } : {}) };
    response.end(JSON.stringify({ metadata, items }));
  });
  fake.fail('watch', refuse(410, 'Expired'));
  fake.reset();
  await until(() => run.reconciled.at(-1)?.length === 3);
  expect(fake.lists.slice(-5).map(({ query }) => query.get('limit'))).toEqual(['2', '2', '2', '2', null]);
  expect(new Set(run.reconciled.map((keys) => keys.length))).toEqual(new Set([4, 3]));
});

test('an answer that is no list is a fault, not an empty list', async () => {
  await using fake = await startFakeApi();
  fake.put('a');
  for (const body of ['', '{}', '[]', '{"items":[]}', '{"metadata":{"resourceVersion":"7"}}', '<html>']) {
    fake.fail('list', (response) => void response.end(body));
  }
  await using run = runLoop(fake);
  await until(() => run.loop.unready() === null);
  expect(run.reconciled).toEqual([['default/a']]);
  expect(fake.lists).toHaveLength(7);
});

test('a list that is cut off is a fault, not a short list', async () => {
  await using fake = await startFakeApi();
  fake.put('a');
  fake.fail('list', (response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"metadata":{"resourceVersion":"7"},"items":[]}', () => response.destroy());
  });
  await using run = runLoop(fake);
  await until(() => run.loop.unready() === null);
  expect(run.reconciled).toEqual([['default/a']]);
});

test('a list that has lost most of what was known is believed only when a second one agrees', async () => {
  await using fake = await startFakeApi();
  for (const name of names(30)) fake.put(name);
  await using run = runLoop(fake);
  await until(() => run.loop.unready() === null && fake.openWatches() === 1);
  fake.fail('list', (response) => void response.end('{"metadata":{"resourceVersion":"130"},"items":[]}'));
  fake.fail('watch', refuse(410, 'Expired'));
  fake.reset();
  await until(() => fake.lists.length === 3 && fake.openWatches() === 1);
  expect(run.metric('held_lists_total{source="things"}')).toBe(1);
  expect(run.loop.state()?.things.size).toBe(30);
  fake.silently(() => {
    for (const name of names(30)) fake.remove(name);
  });
  fake.fail('watch', refuse(410, 'Expired'));
  fake.reset();
  await until(() => run.loop.state()?.things.size === 0);
  expect(run.metric('held_lists_total{source="things"}')).toBe(2);
  expect(run.reconciled.filter((keys) => keys.length === 0).length).toBeLessThanOrEqual(1);
});

test('selectors and the namespace are part of every list and watch', async () => {
  await using fake = await startFakeApi();
  const source = { apiVersion: 'v1', namespace: 'team a', labelSelector: 'routable=true,x in (a,b)' };
  await using run = runLoop(fake, { source: { ...source, fieldSelector: 'metadata.name=routing' } });
  await until(() => fake.openWatches() === 1 && run.loop.unready() === null);
  const [list, watch] = [fake.lists[0], fake.watches[0]];
  for (const seen of [list, watch]) {
    expect(seen?.path).toBe('/api/v1/namespaces/team%20a/things');
    expect(seen?.query.get('labelSelector')).toBe('routable=true,x in (a,b)');
    expect(seen?.query.get('fieldSelector')).toBe('metadata.name=routing');
  }
  expect(watch?.query.get('allowWatchBookmarks')).toBe('true');
});
