import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../kube-apiserver.ts';
import { eventually } from '../kubectl.ts';
import { startApiProxy } from './api-proxy.ts';
import { follow, mapsIn } from './running.ts';

let server: ApiServer;

beforeAll(async () => {
  server = await startApiServer();
});

afterAll(() => server?.[Symbol.asyncDispose]());

const fault = (name: string) => `faults_total{source="maps",fault="${name}"}`;

test('what is made, changed and deleted on the server is in the state of the next reconcile', async () => {
  const maps = await mapsIn(server, 'plain');
  await using following = follow({ access: server.access, namespace: 'plain' });
  await following.ready();
  await maps.put('a', '1');
  await maps.put('b', '1');
  await following.agrees('a=1', 'b=1');
  await maps.put('a', '2');
  await maps.remove('b');
  await following.agrees('a=2');
});

test('a list of several pages is whole', async () => {
  const maps = await mapsIn(server, 'pages');
  const names = Array.from({ length: 35 }, (_, index) => `m${10 + index}`);
  for (const name of names) await maps.put(name, 'x');
  await using proxy = await startApiProxy(server.access);
  await using following = follow({ access: proxy.access, namespace: 'pages' });
  await following.ready();
  await following.agrees(...names.map((name) => `${name}=x`));
  expect([proxy.lists(), following.reconciled.length]).toEqual([4, 1]);
});

test('an object that no longer matches the selector leaves the state', async () => {
  const maps = await mapsIn(server, 'selected');
  await maps.put('a', '1', { routable: 'true' });
  await maps.put('b', '1', { routable: 'true' });
  await maps.put('c', '1');
  const source = { namespace: null, labelSelector: 'routable=true', fieldSelector: 'metadata.name!=b' };
  await using following = follow({ access: server.access, namespace: 'selected', source });
  await following.ready();
  await following.agrees('a=1');
  await maps.put('c', '1', { routable: 'true' });
  await following.agrees('a=1', 'c=1');
  await maps.put('a', '1');
  await following.agrees('c=1');
});

test('an API server that is killed leaves state and readiness as they are, and is followed again when it is back', async () => {
  const maps = await mapsIn(server, 'killed');
  await maps.put('a', '1');
  await using following = follow({ access: server.access, namespace: 'killed' });
  await following.ready();
  await server.apiServer.kill();
  await eventually(
    async () => following.metric(fault('connection')),
    (faults) => faults >= 5,
  );
  expect([following.reconciled, following.loop.unready()]).toEqual([['a=1'], null]);
  await server.apiServer.start();
  await maps.put('b', '1');
  await following.agrees('a=1', 'b=1');
  expect(following.reconciled).toEqual(['a=1', 'a=1 b=1']);
});

test('five restarts of the API server lose no change and reconcile nothing twice', async () => {
  const maps = await mapsIn(server, 'rolled');
  await maps.put('a', '0');
  await using following = follow({ access: server.access, namespace: 'rolled' });
  await following.ready();
  for (const round of [1, 2, 3, 4, 5]) {
    await maps.put('a', String(round));
    await server.apiServer.stop();
    await server.apiServer.start();
  }
  await maps.put('b', '1');
  await following.agrees('a=5', 'b=1');
  const twice = following.reconciled.filter((state, index) => state === following.reconciled[index - 1]);
  expect(twice).toEqual([]);
  expect(following.metric('lists_total{source="maps"}')).toBeLessThanOrEqual(6);
});

test('a version that etcd has forgotten brings a new list: what was deleted meanwhile disappears', async () => {
  const maps = await mapsIn(server, 'compacted');
  await maps.put('a', '1');
  await maps.put('b', '1');
  await using proxy = await startApiProxy(server.access);
  await using following = follow({ access: proxy.access, namespace: 'compacted', answerMs: 1_500 });
  await following.ready();
  proxy.stall();
  await maps.remove('a');
  await maps.put('c', '1');
  await server.compact();
  await server.apiServer.stop();
  await server.apiServer.start();
  proxy.flow();
  proxy.reset();
  await following.agrees('b=1', 'c=1');
  expect(following.metric(fault('gone'))).toBeGreaterThanOrEqual(1);
});

test('a connection that stays open and carries nothing is given up', async () => {
  const maps = await mapsIn(server, 'halfopen');
  await maps.put('a', '1');
  await using proxy = await startApiProxy(server.access);
  const timing = { watchSeconds: [3, 3], lateMs: 500 } as const;
  await using following = follow({ access: proxy.access, namespace: 'halfopen', timing, answerMs: 1_500 });
  await following.ready();
  await eventually(
    async () => proxy.openWatches(),
    (open) => open === 1,
  );
  proxy.stall();
  await maps.put('b', '1');
  await eventually(
    async () => following.metric(fault('silent')),
    (faults) => faults >= 1,
  );
  expect(following.reconciled).toEqual(['a=1']);
  proxy.flow();
  await following.agrees('a=1', 'b=1');
});

test('a server that is paused, so that its connections stay open, is followed again when it goes on', async () => {
  const maps = await mapsIn(server, 'paused');
  await maps.put('a', '1');
  const timing = { watchSeconds: [2, 2], lateMs: 500 } as const;
  await using following = follow({ access: server.access, namespace: 'paused', timing, answerMs: 1_500 });
  await following.ready();
  server.apiServer.pause();
  await eventually(
    async () => following.metric(fault('connection')),
    (faults) => faults >= 2,
  );
  server.apiServer.resume();
  await eventually(
    () => server.api.isReady(),
    (ready) => ready,
  );
  await maps.put('b', '1');
  await following.agrees('a=1', 'b=1');
});

test('refusals, errors and torn lines in the middle of watches lose no change', async () => {
  const maps = await mapsIn(server, 'spoilt');
  await maps.put('a', '0');
  await using proxy = await startApiProxy(server.access);
  await using following = follow({ access: proxy.access, namespace: 'spoilt' });
  await following.ready();
  const spoil: readonly (() => void)[] = [
    () => proxy.write('{"type":"ERROR","object":{"kind":"Status","code":500}}\n'),
    () => proxy.write('{"type":"ERROR","object":{"kind":"Status","code":410}}\n'),
    () => proxy.write('{"type":"MODIFIED","obj\n'),
    () => proxy.write('{"type":"ADDED","object":{"kind":"ConfigMap"}}\n'),
    () => proxy.endWatches(),
    () => proxy.reset(),
    () => {
      proxy.failWatches(
        (response) => void response.writeHead(429, { 'retry-after': '1' }).end('{}'),
        (response) => void response.writeHead(503).end('unavailable'),
        (response) => void response.destroy(),
        (response) => void response.writeHead(200).end('{"type":"ADD'),
        (response) => void response.writeHead(410).end('{}'),
      );
      proxy.reset();
    },
  ];
  for (const [round, now] of spoil.entries()) {
    await eventually(
      async () => proxy.openWatches(),
      (open) => open === 1,
    );
    now();
    await maps.put('a', String(round + 1));
    await following.agrees(`a=${round + 1}`);
  }
  for (const name of ['server', 'gone', 'badLine', 'connection', 'throttled']) {
    expect([name, following.metric(fault(name))]).toEqual([name, expect.any(Number)]);
    expect(following.metric(fault(name))).toBeGreaterThanOrEqual(1);
  }
  expect(following.metric('refused_total{source="maps",reason="nameless"}')).toBe(1);
});

test('a token that is no longer good is read again; rights that are taken away leave the state', async () => {
  const maps = await mapsIn(server, 'tokens');
  await maps.put('a', '1');
  const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/tokens';
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list', 'watch'] }];
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  await server.api.apply(`${roles}/roles/reader`, { apiVersion, kind: 'Role', metadata: { name: 'reader' }, rules });
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' };
  const bind = () =>
    server.api.apply(`${roles}/rolebindings/reader`, {
      ...{ apiVersion, kind: 'RoleBinding', metadata: { name: 'reader' }, roleRef },
      subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'tokens' }],
    });
  await bind();
  let token = await server.tokenOf('tokens', 'reader');
  const { ca } = await server.access.credentials();
  const access = { origin: server.origin, credentials: async () => ({ token, ...(ca === undefined ? {} : { ca }) }) };
  await using following = follow({ access, namespace: 'tokens', timing: { watchSeconds: [1, 1] } });
  await following.ready();
  await server.api.send({ method: 'DELETE', path: '/api/v1/namespaces/tokens/serviceaccounts/reader' });
  await eventually(
    async () => following.metric(fault('unauthorized')),
    (faults) => faults >= 1,
  );
  token = await server.tokenOf('tokens', 'reader');
  await maps.put('b', '1');
  await following.agrees('a=1', 'b=1');
  await server.api.send({ method: 'DELETE', path: `${roles}/rolebindings/reader` });
  await eventually(
    async () => following.metric(fault('forbidden')),
    (faults) => faults >= 2,
  );
  expect([following.loop.state()?.maps.size, following.loop.unready()]).toEqual([2, null]);
  await bind();
  await maps.remove('a');
  await following.agrees('b=1');
});
