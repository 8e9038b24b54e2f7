// Long: one server of each kind is started for all faults together.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleControllers } from '../../../scripts/bundle.ts';
import { type ConsulServer, publisherRules, startConsul } from '../../consul.ts';
import { type ApiServer, startApiServer } from '../../kube-apiserver.ts';
import { eventually } from '../kubectl.ts';
import { createWorld, type Published, untilIds, type World } from './catalog-world.ts';
import { startConsulProxy } from './consul-proxy.ts';

let server: ApiServer;
let consul: ConsulServer;
let bundles: string;

beforeAll(async () => {
  bundles = mkdtempSync(join(tmpdir(), 'edgeplane-bundle-'));
  [server, consul] = await Promise.all([startApiServer(), startConsul()]);
  await bundleControllers(join(__dirname, '../../..'), bundles);
});

afterAll(async () => {
  await consul?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await rm(bundles, { recursive: true, force: true });
});

const quiet = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until a publisher has said this so often. */
const hasLogged = (publisher: Published, event: string, count: number) =>
  eventually(
    async () => publisher.logged(event),
    (found) => found >= count,
  );

const leads = (publisher: Published) =>
  eventually(publisher.metrics, (text) => text.includes('edgeplane_catalog_leader 1'));

/** A promise and what resolves it. */
function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Services `s100`, `s101`, … on one node, and the ids they get. */
async function services(world: World, namespace: string, count: number, firstPort: number) {
  await world.node(`${world.id}-n1`, '10.132.0.2');
  const names = Array.from({ length: count }, (_, index) => `s${100 + index}`);
  await Promise.all(names.map((name, index) => world.service(namespace, name, { nodePort: firstPort + index })));
  return names.map((name, index) => `${name}-10.132.0.2:${firstPort + index}`);
}

test('F27: a publisher waits for a Consul that is not there, alive and not ready, and publishes once it is', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('late');
  const ids = await services(world, namespace, 3, 31400);
  const flags = await world.flags();
  await consul.kill();
  const publisher = await world.publish(flags);
  await hasLogged(publisher, 'lockFailed', 3);
  const page = (name: string) => fetch(`http://127.0.0.1:${publisher.healthPort}/${name}`);
  await eventually(
    async () => (await page('readyz')).text(),
    (text) => text.includes('Consul'),
  );
  expect([(await page('healthz')).status, (await page('readyz')).status]).toEqual([200, 503]);
  await consul.start();
  await untilIds(consul, world.id, ids);
  await publisher.ready();
});

test('F27: while Consul is away nothing is lost, readiness stays, and what changed meanwhile follows', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('away');
  const ids = await services(world, namespace, 3, 31410);
  const publisher = await world.publish(await world.flags());
  await untilIds(consul, world.id, ids);
  await publisher.ready();
  await consul.kill();
  await world.removeService(namespace, 's101');
  await world.service(namespace, 'new', { nodePort: 31419 });
  await hasLogged(publisher, 'reconcileFailed', 3);
  expect(publisher.unready()).toBeNull();
  await consul.start();
  await untilIds(consul, world.id, ['new-10.132.0.2:31419', 's100-10.132.0.2:31410', 's102-10.132.0.2:31412']);
});

test('a Consul that hangs is taken for one that is away', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('hangs');
  const ids = await services(world, namespace, 2, 31420);
  await using proxy = await startConsulProxy(consul.origin);
  await world.publish(await world.flags(`--consul=${proxy.origin}`));
  await untilIds(consul, world.id, ids);
  consul.pause();
  await world.service(namespace, 'new', { nodePort: 31429 });
  await quiet(3_000);
  consul.resume();
  await untilIds(consul, world.id, [...ids, 'new-10.132.0.2:31429']);
});

test('the agent may restart: session, lock and registrations outlive it', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('agent');
  const ids = await services(world, namespace, 2, 31430);
  const publisher = await world.publish(await world.flags());
  await untilIds(consul, world.id, ids);
  await publisher.ready();
  const before = await world.entries();
  await consul.kill();
  await consul.start();
  await publisher.rounds(3);
  expect(await world.entries()).toEqual(before);
  expect(publisher.logged('lockHeld')).toBe(1);
  await world.service(namespace, 'new', { nodePort: 31439 });
  await untilIds(consul, world.id, [...ids, 'new-10.132.0.2:31439']);
});

test('F28: one item that fails with 500 stops no other, and is written once it can be', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('one');
  const ids = await services(world, namespace, 60, 31440);
  await using proxy = await startConsulProxy(consul.origin);
  proxy.treat = ({ path, body }) =>
    path === '/v1/txn' && body.includes('s137') ? { status: 500, body: 'boom' } : 'pass';
  const publisher = await world.publish(await world.flags(`--consul=${proxy.origin}`));
  await untilIds(
    consul,
    world.id,
    ids.filter((id) => !id.startsWith('s137')),
  );
  await eventually(publisher.metrics, (text) => text.includes('items_failed_total{reason="error"}'));
  proxy.treat = () => 'pass';
  await untilIds(consul, world.id, ids);
});

test('a service that the token may not write stops no other, and is named', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('denied');
  const ids = await services(world, namespace, 5, 31500);
  const rules = `${publisherRules(world.id)}\nservice "s102" { policy = "read" }`;
  const publisher = await world.publish(
    await world.flags(`--namespace=${namespace}`, `--consul-token-file=${await world.tokenFile(rules)}`),
  );
  await untilIds(
    consul,
    world.id,
    ids.filter((id) => !id.startsWith('s102')),
  );
  await eventually(publisher.metrics, (text) => text.includes('items_failed_total{reason="denied"}'));
});

test('of two publishers one writes, and the other goes on where it stops', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('two');
  const ids = await services(world, namespace, 3, 31510);
  const flags = await world.flags();
  const first = await world.publish(flags);
  await untilIds(consul, world.id, ids);
  await first.ready();
  const before = await world.entries();
  const second = await world.publish(flags);
  await second.ready();
  expect(await second.metrics()).toContain('edgeplane_catalog_leader 0');
  await first.stop();
  await leads(second);
  await second.rounds(2);
  expect(await world.entries()).toEqual(before);
  await world.removeService(namespace, 's101');
  await untilIds(
    consul,
    world.id,
    ids.filter((id) => !id.startsWith('s101')),
  );
});

test('F32: what an old leader sent before it was paused is refused when it arrives after the lock was lost', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('fence');
  const ids = await services(world, namespace, 2, 31520);
  await using proxy = await startConsulProxy(consul.origin);
  const old = await world.publish(await world.flags(`--consul=${proxy.origin}`));
  await untilIds(consul, world.id, ids);
  const held = deferred();
  // What it reads passes: it may have to look again before it writes.
  proxy.treat = ({ path }) => (/^\/v1\/(catalog|health)\//.test(path) ? 'pass' : held.promise);
  await world.removeService(namespace, 's100');
  await eventually(
    async () => proxy.transactions.at(-1) ?? '',
    (text) => text.includes('delete-cas'),
  );
  const [lock] = (await consul.call('GET', `/v1/kv/edgeplane/catalog/${world.id}/_/lock`)) as { Session: string }[];
  await consul.call('PUT', `/v1/session/destroy/${lock?.Session}`);
  await world.service(namespace, 's100', { nodePort: 31520 });
  const young = await world.publish(await world.flags());
  await leads(young);
  await young.rounds(2);
  const before = await world.entries();
  expect(before).toHaveLength(2);
  proxy.treat = () => 'pass';
  held.resolve();
  await eventually(
    async () => proxy.transactions.length - proxy.answered(),
    (left) => left === 0,
  );
  await hasLogged(old, 'lockLost', 1);
  await old.rounds(2);
  expect(await world.entries()).toEqual(before);
});

test('a lock that is taken away while nothing changes is got again', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('relock');
  const ids = await services(world, namespace, 1, 31530);
  const publisher = await world.publish(await world.flags());
  await untilIds(consul, world.id, ids);
  await consul.call('DELETE', `/v1/kv/edgeplane/catalog/${world.id}/_/lock`);
  await world.service(namespace, 'new', { nodePort: 31539 });
  await untilIds(consul, world.id, [...ids, 'new-10.132.0.2:31539']);
  expect(publisher.logged('lockHeld')).toBe(2);
});

test('F29: an answer that is stale is not believed, and one that only looks fresh deletes nothing', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('stale');
  const ids = await services(world, namespace, 2, 31540);
  await using proxy = await startConsulProxy(consul.origin);
  const publisher = await world.publish(await world.flags(`--consul=${proxy.origin}`, '--naming=service'));
  await untilIds(consul, world.id, ids);
  await publisher.ready();
  const transactions = () => proxy.transactions.length;
  proxy.treat = ({ path }) =>
    path.startsWith('/v1/catalog/nodes')
      ? { status: 200, body: '[]', headers: { 'x-consul-knownleader': 'true', 'x-consul-lastcontact': '900' } }
      : 'pass';
  const before = transactions();
  await hasLogged(publisher, 'reconcileFailed', publisher.logged('reconcileFailed') + 3);
  expect(transactions()).toBe(before);
  // Empty, and with all signs of a fresh one: everything seems to be new, and is created only where it is not there.
  proxy.treat = ({ path }) => (path.startsWith('/v1/catalog/nodes') ? { status: 200, body: '[]' } : 'pass');
  const entries = await world.entries();
  await eventually(
    async () => proxy.answered(),
    (answered) => answered >= before + 3,
  );
  expect(await world.entries()).toEqual(entries);
  // As it was before a Service went and came back: its instance has another index by now.
  const name = `k8s.${world.id}._.${world.id}-n1`;
  const old = JSON.stringify(await consul.call('GET', `/v1/catalog/node-services/${name}`));
  proxy.treat = () => 'pass';
  await world.removeService(namespace, 's100');
  await untilIds(consul, world.id, ids.slice(1));
  await world.service(namespace, 's100', { nodePort: 31540 });
  await untilIds(consul, world.id, ids);
  proxy.treat = ({ path }) => (path.startsWith('/v1/catalog/node-services') ? { status: 200, body: old } : 'pass');
  await world.service(namespace, 'new', { nodePort: 31549 });
  await untilIds(consul, world.id, [...ids, 'new-10.132.0.2:31549']);
  await publisher.rounds(2);
  proxy.treat = () => 'pass';
  await untilIds(consul, world.id, [...ids, 'new-10.132.0.2:31549']);
});

test('P4, S12: while one source cannot be listed nothing is taken away', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('lists');
  const ids = await services(world, namespace, 3, 31550);
  const first = await world.publish(await world.flags());
  await untilIds(consul, world.id, ids);
  await first.stop();
  await world.removeService(namespace, 's100');
  const token = await server.tokenOf(namespace, 'half');
  const rules = [
    { apiGroups: [''], resources: ['services', 'nodes'], verbs: ['list', 'watch'] },
    { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
  ];
  const role = async (all: object[]) => {
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const head = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: world.id } };
    await server.api.apply(`${rbac}/clusterroles/${world.id}`, { ...head, kind: 'ClusterRole', rules: all });
    await server.api.apply(`${rbac}/clusterrolebindings/${world.id}`, {
      ...{ ...head, kind: 'ClusterRoleBinding' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: world.id },
      subjects: [{ kind: 'ServiceAccount', name: 'half', namespace }],
    });
  };
  await role(rules);
  const { ca } = await server.access.credentials();
  const access = { origin: server.origin, credentials: async () => ({ ca: ca ?? '', token }) };
  const second = await world.publish(await world.flags(), { access });
  await eventually(
    second.metrics,
    (text) => Number(/faults_total\{source="slices",fault="forbidden"\} (\d+)/.exec(text)?.[1] ?? 0) >= 3,
  );
  await eventually(
    async () => second.unready() ?? '',
    (why) => why.includes('slices'),
  );
  await untilIds(consul, world.id, ids);
  await role([...rules, { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] }]);
  await untilIds(consul, world.id, ids.slice(1));
});

test('while the API server is away nothing is taken away', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('noapi');
  const ids = await services(world, namespace, 3, 31560);
  const publisher = await world.publish(await world.flags());
  await untilIds(consul, world.id, ids);
  await publisher.ready();
  const before = await world.entries();
  await server.apiServer.kill();
  await hasLogged(publisher, 'watchFailed', 6);
  await publisher.rounds(2);
  expect(await world.entries()).toEqual(before);
  await server.apiServer.start();
  await world.removeService(namespace, 's100');
  await untilIds(consul, world.id, ids.slice(1));
});

test('nodes that vanish take their instances along and nothing else', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('nodes');
  const nodes = [1, 2, 3, 4].map((index) => ({ name: `${world.id}-n${index}`, address: `10.132.0.${index + 1}` }));
  for (const { name, address } of nodes) await world.node(name, address);
  await world.service(namespace, 'a', { nodePort: 31570 });
  await world.publish(await world.flags());
  const ids = nodes.map(({ address }) => `a-${address}:31570`);
  await untilIds(consul, world.id, ids);
  await Promise.all(nodes.slice(2).map(({ name }) => world.removeNode(name)));
  await untilIds(consul, world.id, ids.slice(0, 2));
  await world.node(nodes[0]!.name, '10.132.0.99');
  await untilIds(consul, world.id, ['a-10.132.0.99:31570', ids[1]!]);
});

test('F30: what somebody else takes away or changes is put right', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('wiped');
  const ids = await services(world, namespace, 2, 31580);
  await world.publish(await world.flags());
  await untilIds(consul, world.id, ids);
  const Node = `k8s.${world.id}._.${world.id}-n1`;
  await consul.call('PUT', '/v1/catalog/deregister', { Node, ServiceID: ids[0] });
  await untilIds(consul, world.id, ids);
  await consul.call('PUT', '/v1/catalog/deregister', { Node });
  await untilIds(consul, world.id, ids);
});

test('TLS and a token that is rotated while the publisher runs', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('tls');
  const ids = await services(world, namespace, 1, 31590);
  const file = await world.tokenFile();
  const flags = await world.flags(
    `--consul=${consul.secureOrigin}`,
    `--consul-ca-file=${consul.caFile}`,
    '--consul-server-name=server.dc1.consul',
    `--consul-token-file=${file}`,
  );
  await world.publish(flags);
  await untilIds(consul, world.id, ids);
  const tokens = (await consul.call('GET', '/v1/acl/tokens')) as {
    AccessorID: string;
    Policies?: { Name: string }[];
  }[];
  const next = await consul.tokenOf(publisherRules(world.id));
  await writeFile(file, next);
  for (const { AccessorID, Policies } of tokens) {
    if (Policies?.[0]?.Name.startsWith('test-')) await consul.call('DELETE', `/v1/acl/token/${AccessorID}`);
  }
  await world.service(namespace, 'new', { nodePort: 31599 });
  await untilIds(consul, world.id, [...ids, 'new-10.132.0.2:31599']);
});

test('a Consul whose certificate nobody vouches for is not spoken to', async () => {
  await using world = createWorld(server, consul);
  const publisher = await world.publish(await world.flags(`--consul=${consul.secureOrigin}`));
  await hasLogged(publisher, 'lockFailed', 3);
  await eventually(
    async () => publisher.unready() ?? '',
    (why) => why.includes('Consul'),
  );
});

test('a second cluster with the same id writes nothing', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('twin');
  await services(world, namespace, 2, 31600);
  await consul.call('PUT', `/v1/kv/edgeplane/catalog/${world.id}/cluster`, 'of another cluster');
  const publisher = await world.publish(await world.flags());
  await hasLogged(publisher, 'reconcileFailed', 3);
  expect(await world.entries()).toEqual([]);
  expect(publisher.unready()).not.toBeNull();
});

/** The program as its image runs it. */
async function program(world: World, consulOrigin: string): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      join(bundles, 'catalog.cjs'),
      `--cluster-id=${world.id}`,
      `--kubeconfig=${server.kubeconfig}`,
      `--consul=${consulOrigin}`,
      `--consul-token-file=${await world.tokenFile()}`,
      ...['--health-port=0', '--address=127.0.0.1'],
    ],
    { stdio: 'ignore' },
  );
  await once(child, 'spawn');
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

test('F31: a publisher killed in the middle of a batch is followed by one that finishes it and takes nothing away', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('killed');
  const ids = await services(world, namespace, 150, 31700);
  await using proxy = await startConsulProxy(consul.origin);
  const reached = deferred();
  proxy.treat = ({ path }) => {
    if (path !== '/v1/txn' || proxy.transactions.length < 4) return 'pass';
    reached.resolve();
    return 'cut';
  };
  const first = await program(world, proxy.origin);
  try {
    await reached.promise;
  } finally {
    await end(first, 'SIGKILL');
  }
  const half = await world.entries();
  expect(half.length).toBeGreaterThan(0);
  expect(half.length).toBeLessThan(150);
  proxy.treat = () => 'pass';
  // The lock of the killed one ends with its session.
  const second = await program(world, proxy.origin);
  try {
    await eventually(
      async () => (await world.entries()).length,
      (count) => count === 150,
      120_000,
    );
    await untilIds(consul, world.id, ids);
  } finally {
    await end(second, 'SIGTERM');
  }
  expect(second.exitCode).toBe(0);
  expect(proxy.transactions.some((text) => text.includes('delete-cas'))).toBe(false);
  const kept = (await world.entries()).filter(({ ServiceID }) => half.some((entry) => entry.ServiceID === ServiceID));
  expect(kept).toEqual(half);
});

test('F32: a leader that was paused for as long as its session lives writes nothing when it wakes up', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('paused');
  const ids = await services(world, namespace, 3, 31900);
  await using proxy = await startConsulProxy(consul.origin);
  const old = await program(world, proxy.origin);
  try {
    await untilIds(consul, world.id, ids);
    process.kill(old.pid!, 'SIGSTOP');
    const young = await world.publish(await world.flags());
    await eventually(young.metrics, (text) => text.includes('edgeplane_catalog_leader 1'), 120_000);
    const before = proxy.answered();
    await world.removeService(namespace, 's100');
    await untilIds(consul, world.id, ids.slice(1));
    await young.rounds(2);
    const entries = await world.entries();
    let looks = 0;
    proxy.treat = ({ method, path }) => {
      if (method === 'GET' && path.includes('/lock')) looks += 1;
      return 'pass';
    };
    process.kill(old.pid!, 'SIGCONT');
    // Awake, it looks at the lock every two seconds, and reconciles beside that.
    await eventually(
      async () => looks,
      (count) => count >= 3,
    );
    expect(await world.entries()).toEqual(entries);
    expect(proxy.answered() - before).toBeLessThanOrEqual(1);
  } finally {
    process.kill(old.pid!, 'SIGCONT');
    await end(old, 'SIGTERM');
  }
});

test('each instance of many is written once, in few requests', async () => {
  await using world = createWorld(server, consul);
  const namespace = await world.namespace('many');
  for (const index of [2, 3]) await world.node(`${world.id}-n${index}`, `10.132.0.${index + 1}`);
  await services(world, namespace, 150, 32000);
  await using proxy = await startConsulProxy(consul.origin);
  const publisher = await world.publish(await world.flags(`--consul=${proxy.origin}`));
  await eventually(
    async () => (await world.entries()).length,
    (count) => count === 450,
  );
  await publisher.ready();
  await publisher.rounds(3);
  const written = proxy.transactions.flatMap((text) =>
    [...text.matchAll(/"Service":\{"ID":"([^"]+)"/g)].map(([, id]) => id),
  );
  expect(written).toHaveLength(450);
  expect(new Set(written).size).toBe(450);
  expect(proxy.transactions.length).toBeLessThanOrEqual(20);
});
