import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RawRequest, send } from '../conformance/raw-client.ts';
import { startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { readReport } from '../conformance/verdict.ts';
import { mainWorld, on, serviceOf, type World } from '../conformance/worlds.ts';
import { eventually, settled } from './kubectl.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const namespace = 'conformance-guards';

/** An open route on everything beside protected ones below it: what a naive edge falls through to. */
const world: World = {
  name: 'guards',
  environment: { ...mainWorld.environment, namespace },
  definitions: [
    ...mainWorld.definitions.filter(({ kind, name }) => kind === 'App' && name !== 'd'),
    on('a', 'open', [{ name: 'all', hosts: ['guard.test'] }]),
    on('b', 'closed', [
      { name: 'asked', hosts: ['guard.test'], paths: ['/asked'], protection: { forwardAuth: { app: 'auth' } } },
      { name: 'key', hosts: ['guard.test'], paths: ['/key'], protection: { apiKey: {} } },
      { name: 'basic', hosts: ['guard.test'], paths: ['/basic'], protection: { basicAuth: { secret: 'basic' } } },
    ]),
    on('c', 'plain', [{ name: 'plain', hosts: ['guard.test'], paths: ['/plain'] }]),
  ],
};

let driver: TraefikDriver;

beforeAll(async () => {
  driver = await startTraefik(cluster, world);
});

beforeEach(async () => {
  await driver.serve(world);
  for (const [target, status] of Object.entries(whole)) await becomes(target, status);
});

afterAll(async () => {
  await driver.forget(world);
});

const whole = { '/': 200, '/asked': 401, '/key': 403, '/basic': 401, '/plain': 200 } as const;
const ask = (target: string): RawRequest => ({ host: 'guard.test', target });

/** Waits until a request without credentials gets this status from every pod of the edge. */
async function becomes(target: string, status: number): Promise<void> {
  await settled(
    async () => (await driver.send(ask(target))).status,
    (found) => found === status,
    120_000,
  );
}

/** Every answer to a request, repeated until told to stop: who answered, or which status. The first is there at once. */
async function watch(target: string): Promise<() => Promise<ReadonlySet<string>>> {
  let stopped = false;
  const seen = new Set<string>();
  const work = (async () => {
    while (!stopped) {
      const answer = await send(driver.door, ask(target));
      // A connection without an answer is the load balancer's: to it an edge that is slow is none.
      if (answer.status !== 0) seen.add(readReport(answer)?.service ?? String(answer.status));
      await sleep(10);
    }
    return seen;
  })();
  await eventually(
    async () => seen.size,
    (size) => size > 0,
  );
  return async () => {
    stopped = true;
    return work;
  };
}

const nameOf = async (kind: string, route: string): Promise<string> => {
  const list = (await driver.kubectl.json('-n', namespace, 'get', kind)) as {
    items: { metadata: { name: string; annotations?: Record<string, string> } }[];
  };
  const found = list.items.find(({ metadata }) => metadata.annotations?.['edgeplane.dev/route']?.includes(`/${route}`));
  if (found === undefined) throw new Error(`no ${kind} of route ${route}`);
  return found.metadata.name;
};

test.each([
  { route: 'asked', target: '/asked', before: '401' },
  { route: 'key', target: '/key', before: '403' },
  { route: 'basic', target: '/basic', before: '401' },
])(
  'without its auth middleware the route $route is 503, and never once another route',
  async ({ route, target, before }) => {
    const stop = await watch(target);
    const name = (await nameOf('middlewares', route)).replace(/-[a-z]+$/, '-auth');
    await driver.kubectl('-n', namespace, 'delete', 'middleware', name);
    await becomes(target, 503);
    expect([...(await stop())].toSorted()).toEqual([before, '503'].toSorted());
  },
);

test('without its transport a route is 503 or its own app, never another', async () => {
  const stop = await watch('/plain');
  await driver.kubectl('-n', namespace, 'delete', 'serverstransport', await nameOf('serverstransports', 'plain'));
  await sleep(4000);
  const seen = await stop();
  expect([...seen].filter((who) => !['c', '500', '502', '503'].includes(who))).toEqual([]);
});

test('without its Service a route is 503, and never once another route', async () => {
  const stop = await watch('/plain');
  await driver.kubectl('-n', namespace, 'delete', 'service', serviceOf('c'));
  await becomes('/plain', 503);
  expect([...(await stop())].filter((who) => !['c', '502', '503'].includes(who))).toEqual([]);
});

test('without pods a route is 503, and never once another route', async () => {
  const stop = await watch('/plain');
  await driver.kubectl('-n', namespace, 'scale', 'deployment/c', '--replicas=0');
  await becomes('/plain', 503);
  expect([...(await stop())].filter((who) => !['c', '502', '503'].includes(who))).toEqual([]);
});

test('without its auth app a route is a 5xx and the app is never called', async () => {
  const stop = await watch('/asked');
  await driver.kubectl('-n', namespace, 'scale', 'deployment/auth', '--replicas=0');
  await becomes('/asked', 500);
  expect([...(await stop())].toSorted()).toEqual(['401', '500']);
});

test('without its Secret basic auth is 503 and the app is never called', async () => {
  const stop = await watch('/basic');
  await driver.kubectl('-n', namespace, 'delete', 'secret', 'basic');
  await becomes('/basic', 503);
  expect([...(await stop())].toSorted()).toEqual(['401', '503']);
});

test('without its routing secret a key route is 503, whatever the history', async () => {
  const stop = await watch('/key');
  await driver.kubectl('-n', namespace, 'delete', 'secret', 'routing');
  await driver.kubectl('-n', namespace, 'rollout', 'restart', 'deployment/edgeplane-gatekeeper');
  await becomes('/key', 503);
  expect([...(await stop())].filter((who) => !['403', '500', '503'].includes(who))).toEqual([]);
});
