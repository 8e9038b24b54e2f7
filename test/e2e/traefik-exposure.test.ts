import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineRoutes } from '../../components/model/define.ts';
import { send } from '../conformance/raw-client.ts';
import { compiledObjects, startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { differences, readReport } from '../conformance/verdict.ts';
import { mainWorld, on, type World } from '../conformance/worlds.ts';
import { eventually } from './kubectl.ts';
import { nodeAddress } from './network/echoes.ts';
import { knock } from './network/outside.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const namespace = 'conformance-exposure';
const echoes = mainWorld.definitions.filter(({ kind, name }) => kind === 'App' && ['a', 'b'].includes(name));

const world: World = {
  name: 'exposure',
  environment: { ...mainWorld.environment, namespace, exposure: { hostPort: {} }, drain: '4s' },
  definitions: [
    ...echoes,
    on('a', 'open', [{ hosts: ['ports.test'] }, { hosts: ['secure.test'], tls: { secret: 'tls-test' } }]),
    defineRoutes({
      name: 'halves',
      service: { name: 'halves', ports: { http: 8080 } },
      routes: [
        { name: 'again', hosts: ['again.test'], retries: { attempts: 3 } },
        { name: 'once', hosts: ['once.test'] },
      ],
    }),
  ],
};

let driver: TraefikDriver;

beforeAll(async () => {
  driver = await startTraefik(cluster, mainWorld);
  const { kubectl } = driver;
  const platform = driver.objectsOf({ ...world, definitions: [] });
  await driver.apply(platform.filter(({ kind }) => kind !== 'CustomResourceDefinition'));
  await kubectl('-n', 'edgeplane-edge', 'rollout', 'status', 'daemonset/edgeplane-edge', '--timeout=180s');
  await driver.serve(world);
});

afterAll(async () => {
  await driver.forget(world);
  await startTraefik(cluster, mainWorld);
});

describe('on host ports', () => {
  const door = (node: string) => ({ address: nodeAddress(cluster, node), http: 80, https: 443 });

  test.each(['edge-1', 'edge-2'])('%s serves on its own address, and sees the client', async (node) => {
    const answer = await eventually(
      () => send(door(node), { host: 'ports.test', target: '/x' }),
      ({ status }) => status === 200,
    );
    expect(differences({ status: 200, service: 'a', target: '/x' }, answer)).toEqual([]);
    const client = readReport(answer)?.headers.find(([name]) => name.toLowerCase() === 'x-real-ip')?.[1];
    expect(client).toBe(cluster.topology.outside.host);
    const redirected = await send(door(node), { host: 'secure.test', target: '/x' });
    const wanted = { status: 308, service: null, response: { Location: 'https://secure.test/x' } };
    expect(differences(wanted, redirected)).toEqual([]);
    expect((await send(door(node), { scheme: 'https', host: 'secure.test', target: '/x' })).status).toBe(200);
  });

  test('no other port of an edge node is open, and no worker has a door', async () => {
    for (const port of [8000, 8080, 8082, 8083, 8443, 10250])
      expect({ port, found: await knock(nodeAddress(cluster, 'edge-1'), port) }).toEqual({ port, found: 'silent' });
    for (const port of [80, 443]) expect(await knock(nodeAddress(cluster, 'worker-1'), port)).not.toBe('open');
  });

  test('a rollout goes from node to node: one always serves', async () => {
    const { kubectl } = driver;
    let rolling = true;
    const work = kubectl('-n', 'edgeplane-edge', 'rollout', 'restart', 'daemonset/edgeplane-edge').then(async () => {
      await kubectl('-n', 'edgeplane-edge', 'rollout', 'status', 'daemonset/edgeplane-edge', '--timeout=180s');
      rolling = false;
    });
    let rounds = 0;
    const dark: number[] = [];
    while (rolling) {
      const served = ['edge-1', 'edge-2'].map(async (node) => {
        const { status } = await send(door(node), { host: 'ports.test', target: '/' });
        if (status !== 200) throw new Error(`${node}: ${status}`);
      });
      // The node that is rolled out may keep its client waiting.
      await Promise.any(served).catch(() => dark.push(rounds));
      rounds += 1;
    }
    await work;
    expect(rounds).toBeGreaterThan(0);
    expect(dark).toEqual([]);
  });
});

/** A Service of which one endpoint answers and one refuses every connection. */
async function halves(): Promise<readonly object[]> {
  const pods = (await driver.kubectl.json('-n', namespace, 'get', 'pods')) as {
    items: { metadata: { name: string }; status: { podIP: string } }[];
  };
  const ip = (app: string) => pods.items.find(({ metadata }) => metadata.name.startsWith(`${app}-`))?.status.podIP;
  const gatekeeperLess = { addressType: 'IPv4', apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' };
  const slice = (name: string, address: string | undefined, port: number) => ({
    ...gatekeeperLess,
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': 'halves' } },
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'http', port, protocol: 'TCP' }],
  });
  const spec = { ports: [{ name: 'http', port: 8080, targetPort: 8080, protocol: 'TCP' }] };
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'halves', namespace }, spec };
  // Port 9 of a pod: nobody listens there.
  return [service, slice('halves-good', ip('a'), 8080), slice('halves-bad', ip('b'), 9)];
}

describe('retries', () => {
  const door = { address: nodeAddress(cluster, 'edge-1'), http: 80, https: 443 };
  const statuses = async (host: string) => {
    const found = new Set<number>();
    for (let count = 0; count < 12; count += 1) found.add((await send(door, { host, target: '/' })).status);
    return [...found].toSorted();
  };

  test('a request that reached nobody is sent to another endpoint where the route asks for it, and else is 502', async () => {
    await driver.apply(await halves());
    await eventually(
      () => statuses('once.test'),
      (found) => found.join() === '200,502',
    );
    expect(await statuses('again.test')).toEqual([200]);
  });

  test('a request that reached an app is not sent again', async () => {
    const answer = await send(door, { host: 'again.test', target: '/?__status=503' });
    expect(answer.status).toBe(503);
    const aborted = await send(door, { host: 'again.test', target: '/?__abort=1', method: 'POST', body: 'x' });
    expect([502, 500]).toContain(aborted.status);
  });
});

test('the edge of host ports has no load balancer among its objects', () => {
  const services = compiledObjects(world).filter(
    ({ kind, metadata }) => kind === 'Service' && metadata.namespace === 'edgeplane-edge',
  );
  expect(services).toEqual([]);
});
