import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../kube-apiserver.ts';
import { startApiProxy } from './api-proxy.ts';
import { type App, seenOf, startApp } from './nginx-bench.ts';
import { keepAsking, ownerOf, type RouterOptions, startRunning } from './router-running.ts';

let server: ApiServer;
let owner: ReturnType<typeof ownerOf>;
let one: App;
let other: App;

beforeAll(async () => {
  server = await startApiServer();
  owner = ownerOf(server);
  [one, other] = [await startApp('one'), await startApp('other')];
});

afterAll(async () => {
  await one?.[Symbol.asyncDispose]();
  await other?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

const base64 = (text: string) => Buffer.from(text).toString('base64');

const router = (more: Partial<RouterOptions> = {}) => startRunning({ access: server.access, ...more });

const routed = (host: string, app: App, path = '/') => ({
  ports: [app.target.port],
  annotations: { routingHosts: host, routingPaths: `${app.target.port}:${path}` },
});

const secondsApart = () => new Promise((resolve) => setTimeout(resolve, 1_100));

describe('pods on a real API server', () => {
  test('a pod is served while it is ready, and its host is unknown when it is gone', async () => {
    await owner.namespace('life');
    await using running = await router();
    expect((await running.ask('life.test', '/')).status).toBe(0);
    await owner.pod('life', 'web', routed('life.test', one));
    expect(seenOf(await running.answers(200, 'life.test', '/x')).app).toBe('one');
    await owner.ready('life', 'web', false);
    await running.answers(503, 'life.test', '/x');
    await owner.ready('life', 'web', true);
    await running.answers(200, 'life.test', '/x');
    await owner.annotate('life', 'web', { routingPaths: `${one.target.port}:/moved` });
    await running.answers(404, 'life.test', '/x');
    expect((await running.ask('life.test', '/moved')).status).toBe(200);
    await owner.removePod('life', 'web');
    await running.answers(0, 'life.test', '/moved');
  });

  test('M3: pods of the same name in two namespaces are both served', async () => {
    await owner.namespace('same1');
    await owner.namespace('same2');
    await owner.pod('same1', 'web-0', routed('same1.test', one));
    await owner.pod('same2', 'web-0', routed('same2.test', other));
    await using running = await router();
    expect(seenOf(await running.ask('same1.test', '/')).app).toBe('one');
    expect(seenOf(await running.ask('same2.test', '/')).app).toBe('other');
    await owner.removePod('same1', 'web-0');
    await running.answers(0, 'same1.test', '/');
    expect(seenOf(await running.ask('same2.test', '/')).app).toBe('other');
  });

  test('M1: a host and path that two namespaces claim is the older one’s, until it leaves', async () => {
    await owner.namespace('elder');
    await secondsApart();
    await owner.namespace('cadet');
    await owner.pod('cadet', 'web', routed('shared.test', other));
    await using running = await router();
    expect(seenOf(await running.ask('shared.test', '/')).app).toBe('other');
    const asking = keepAsking(() => running.ask('shared.test', '/'), 200);
    await owner.pod('elder', 'web', routed('shared.test', one));
    await expect.poll(() => owner.told('cadet')).toEqual([expect.stringContaining('web HostTaken: host shared.test')]);
    const servedBy = (name: string) =>
      running.until(
        () => running.ask('shared.test', '/'),
        (answer) => seenOf(answer).app === name,
      );
    await servedBy('one');
    await owner.removePod('elder', 'web');
    await servedBy('other');
    expect((await asking.stop()).others).toEqual([]);
    await owner.removePod('cadet', 'web');
  });

  test('M4: a grant that names no host is told in an Event of the Namespace', async () => {
    await owner.namespace('granter');
    const annotations = { 'edgeplane.dev/routing-hosts': 'https://granted.test' };
    const metadata = { name: 'granter', annotations };
    await owner.apply('/api/v1/namespaces/granter', { apiVersion: 'v1', kind: 'Namespace', metadata });
    await using _running = await router();
    const told = expect.stringContaining(
      'granter InvalidGrant: annotation edgeplane.dev/routing-hosts: found "https://',
    );
    await expect.poll(() => owner.told('default')).toContainEqual(told);
  });

  test('public and private routers serve the same pods side by side, each by its own annotations and key', async () => {
    await owner.namespace('sides');
    const port = one.target.port;
    const annotations = {
      publicHosts: 'test.k8s.com',
      publicPaths: `${port}:/public`,
      privateHosts: 'test.k8s.local',
      privatePaths: `${port}:/internal`,
    };
    await owner.pod('sides', 'nodejs-k8s-env', { ports: [port], annotations });
    await owner.secret('sides', 'routing', {
      'private-api-key': 'a-private-key-of-24-byte',
      'public-api-key': 'a-public-key-of-24-bytes',
    });
    const side = (name: string) =>
      router({
        environment: {
          API_KEY_SECRET_LOCATION: `routing:${name}-api-key`,
          HOSTS_ANNOTATION: `${name}Hosts`,
          PATHS_ANNOTATION: `${name}Paths`,
        },
      });
    await using open = await side('public');
    await using internal = await side('private');
    const [publicKey, privateKey] = [base64('a-public-key-of-24-bytes'), base64('a-private-key-of-24-byte')];
    expect((await open.ask('test.k8s.com', '/public', publicKey)).status).toBe(200);
    expect((await open.ask('test.k8s.com', '/public', privateKey)).status).toBe(403);
    expect((await open.ask('test.k8s.com', '/internal', publicKey)).status).toBe(404);
    expect((await open.ask('test.k8s.local', '/internal', publicKey)).status).toBe(0);
    expect((await internal.ask('test.k8s.local', '/internal', privateKey)).status).toBe(200);
    expect((await internal.ask('test.k8s.com', '/public', privateKey)).status).toBe(0);
  });
});

describe('the key of a namespace', () => {
  const key = 'a-key-of-twenty-four-chr';

  test('F16, F17, F18: it is asked for, changed without a reload, and its loss opens nothing', async () => {
    await owner.namespace('keyed');
    await owner.pod('keyed', 'web', routed('keyed.test', one));
    await using running = await router();
    expect((await running.ask('keyed.test', '/')).status).toBe(200);

    await owner.secret('keyed', 'routing', { 'api-key': key });
    await running.answers(403, 'keyed.test', '/');
    const passed = await running.ask('keyed.test', '/', base64(key));
    expect([passed.status, seenOf(passed).headers['x-routing-api-key']]).toEqual([200, undefined]);
    expect((await running.ask('keyed.test', '/', key)).status).toBe(403);

    await expect.poll(() => running.metric('reloads_total')).toBe(2);
    await owner.changeSecret('keyed', 'routing', { 'api-key': `${key}-2` });
    await running.answers(200, 'keyed.test', '/', base64(`${key}-2`));
    expect((await running.ask('keyed.test', '/', base64(key))).status).toBe(403);

    await owner.changeSecret('keyed', 'routing', { 'api-key': '' });
    await running.answers(503, 'keyed.test', '/', base64(`${key}-2`));
    await owner.changeSecret('keyed', 'routing', { 'api-key': key });
    await running.answers(200, 'keyed.test', '/', base64(key));

    await owner.removeSecret('keyed', 'routing');
    await running.answers(503, 'keyed.test', '/', base64(key));
    expect((await running.ask('keyed.test', '/')).status).toBe(503);
    await expect
      .poll(() => owner.told('keyed'))
      .toEqual([
        expect.stringContaining('web KeyUnusable: Secret routing, field api-key: found an empty one'),
        expect.stringContaining('web KeyUnusable: found no Secret routing'),
      ]);
    expect(await running.metric('reloads_total')).toBe(2);

    await owner.secret('keyed', 'routing', { 'api-key': key });
    await running.answers(200, 'keyed.test', '/', base64(key));
    await owner.removePod('keyed', 'web');
  });

  test('a demand of the pod closes it on a router that never saw the Secret', async () => {
    await owner.namespace('demanding');
    const { ports, annotations } = routed('demanding.test', one);
    await owner.pod('demanding', 'web', { ports, annotations: { ...annotations, routingApiKey: 'required' } });
    await using running = await router();
    expect((await running.ask('demanding.test', '/', base64(key))).status).toBe(503);
    await owner.secret('demanding', 'routing', { 'api-key': key });
    await running.answers(200, 'demanding.test', '/', base64(key));
    expect((await running.ask('demanding.test', '/')).status).toBe(403);
    await owner.removePod('demanding', 'web');
  });
});

describe('faults of the control plane', () => {
  test('F2: five restarts reload nothing that did not change', async () => {
    await owner.namespace('rolled');
    await owner.pod('rolled', 'web', routed('rolled.test', one));
    await using running = await router();
    const reloads = await running.metric('reloads_total');
    const asking = keepAsking(() => running.ask('rolled.test', '/'), 200);
    for (const round of [1, 2, 3, 4, 5]) {
      await server.apiServer.stop();
      await server.apiServer.start();
      await owner.annotate('rolled', 'web', { 'example.com/round': String(round) });
    }
    expect(await running.metric('reloads_total')).toBe(reloads);
    await owner.annotate('rolled', 'web', { routingHosts: 'rolled.test again.rolled.test' });
    await running.answers(200, 'again.rolled.test', '/');
    await expect.poll(() => running.metric('reloads_total')).toBe(reloads + 1);
    expect((await asking.stop()).others).toEqual([]);
  });

  test('F3, F4: versions that are gone, again and again, bring lists and no reload', async () => {
    await owner.namespace('gone');
    await owner.pod('gone', 'web', routed('gone.test', one));
    await using proxy = await startApiProxy(server.access);
    await using running = await router({ access: proxy.access });
    const reloads = await running.metric('reloads_total');
    const asking = keepAsking(() => running.ask('gone.test', '/'), 200);
    const gone = (response: { writeHead: (status: number) => { end: (text: string) => unknown } }) =>
      void response.writeHead(410).end('{}');
    proxy.failWatches(...Array.from({ length: 12 }, () => gone));
    proxy.reset();
    await expect.poll(() => running.metric('faults_total', 'fault="gone"')).toBeGreaterThanOrEqual(12);
    expect((await asking.stop()).others).toEqual([]);
    expect(await running.metric('reloads_total')).toBe(reloads);
    await owner.removePod('gone', 'web');
    await running.answers(0, 'gone.test', '/');
  });

  test('F5: connections that carry nothing any more are given up, and what was missed is served', async () => {
    await owner.namespace('silent');
    await owner.pod('silent', 'web', routed('silent.test', one));
    await using proxy = await startApiProxy(server.access);
    await using running = await router({ access: proxy.access, watch: { watchSeconds: [3, 3], lateMs: 500 } });
    await expect.poll(proxy.openWatches).toBe(3);
    const asking = keepAsking(() => running.ask('silent.test', '/'), 200);
    proxy.stall();
    await owner.pod('silent', 'late', routed('late.silent.test', other));
    await expect.poll(() => running.metric('faults_total', 'fault="silent"')).toBeGreaterThanOrEqual(1);
    proxy.flow();
    // A watch that was opened meanwhile is one of the silent connections, until it has had no answer for 30 s.
    const late = async () => (await running.ask('late.silent.test', '/')).status;
    await expect.poll(late, { timeout: 90_000 }).toBe(200);
    expect((await asking.stop()).others).toEqual([]);
  });

  test('ERROR events and torn lines in watches end nothing and take no route away', async () => {
    await owner.namespace('torn');
    await owner.pod('torn', 'web', routed('torn.test', one));
    await using proxy = await startApiProxy(server.access);
    await using running = await router({ access: proxy.access });
    await expect.poll(proxy.openWatches).toBe(3);
    const asking = keepAsking(() => running.ask('torn.test', '/'), 200);
    const spoils = [
      '{"type":"ERROR","object":{"kind":"Status","code":500}}\n',
      '{"type":"ERROR","object":{"kind":"Status","code":410}}\n',
      '{"type":"MODIFIED","obj\n',
      '{"type":"ADDED","object":{"kind":"Pod"}}\n',
    ];
    for (const [round, text] of spoils.entries()) {
      await expect.poll(proxy.openWatches).toBe(3);
      proxy.write(text);
      await owner.annotate('torn', 'web', { routingHosts: `torn.test round${round}.torn.test` });
      await running.answers(200, `round${round}.torn.test`, '/');
    }
    expect((await asking.stop()).others).toEqual([]);
  });

  test('F25: 200 changes of pods in a row are few reloads, and no request is lost', async () => {
    await owner.namespace('busy');
    await owner.pod('busy', 'web', routed('busy.test', one));
    // The times of the contract.
    const reconcile = { quietMs: 2_000, mostWaitMs: 10_000, minGapMs: 3_000 };
    await using running = await router({ reconcile });
    const reloads = await running.metric('reloads_total');
    const asking = keepAsking(() => running.ask('busy.test', '/'), 200);
    const changedAt = [Date.now()];
    for (let change = 1; change <= 200; change += 1) {
      await owner.annotate('busy', 'web', { routingHosts: `busy.test change${change}.test` });
      changedAt.push(Date.now());
    }
    const windows = Math.ceil((Date.now() - (changedAt[0] ?? 0)) / reconcile.mostWaitMs);
    // A machine that stands still makes quiet of its own: half of it may have passed before the answer, half after.
    const pauses = changedAt.filter((at, index) => at - (changedAt[index - 1] ?? at) >= reconcile.quietMs / 2).length;
    await running.answers(200, 'change200.test', '/');
    await expect.poll(() => running.metric('reloads_total')).toBeGreaterThan(reloads);
    expect((await running.metric('reloads_total')) - reloads).toBeLessThanOrEqual(windows + 1 + pauses);
    expect((await asking.stop()).others).toEqual([]);
  });

  test('M8: a namespace that causes reload after reload has to wait; another is served at once, and takes it along', async () => {
    await owner.namespace('loud');
    await owner.namespace('calm');
    await owner.pod('loud', 'web', routed('loud.test', one));
    await owner.pod('calm', 'web', routed('calm.test', other));
    await using running = await router({ reloadBudget: { burst: 2, refillMs: 600_000 } });
    for (const round of [1, 2]) {
      await owner.annotate('loud', 'web', { routingHosts: `round${round}.loud.test` });
      await running.answers(200, `round${round}.loud.test`, '/');
    }
    await owner.annotate('loud', 'web', { routingHosts: 'round3.loud.test' });
    await expect.poll(() => running.metric('postponed_total')).toBeGreaterThanOrEqual(1);
    expect((await running.ask('round3.loud.test', '/')).status).toBe(0);
    expect((await running.ask('round2.loud.test', '/')).status).toBe(200);
    await owner.annotate('calm', 'web', { routingHosts: 'round1.calm.test' });
    await running.answers(200, 'round1.calm.test', '/');
    expect((await running.ask('round3.loud.test', '/')).status).toBe(200);
  });

  test('F12: what one pod asks for wrongly is told, and the routes of others stand', async () => {
    await owner.namespace('wrong');
    const { ports, annotations } = routed('wrong.test', one);
    const hostile = `${annotations.routingPaths} ${one.target.port}:/a{return\t200\towned;}location\t/zz ${one.target.port}:~.*`;
    await owner.pod('wrong', 'bad', { ports, annotations: { ...annotations, routingPaths: hostile } });
    await owner.pod('wrong', 'good', routed('good.wrong.test', other));
    await using running = await router();
    expect([(await running.ask('wrong.test', '/')).status, (await running.ask('good.wrong.test', '/')).status]).toEqual(
      [200, 200],
    );
    expect(seenOf(await running.ask('wrong.test', '/zz')).app).toBe('one');
    await expect
      .poll(() => owner.told('wrong'))
      .toEqual([expect.stringContaining('bad InvalidRouting: routingPaths: found')]);
  });
});
