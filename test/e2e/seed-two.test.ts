import { afterAll, beforeAll, expect, test } from 'vitest';
import { defineApp } from '../../components/model/define.ts';
import { inside } from '../../local/cluster.ts';
import { run } from '../../local/command.ts';
import { edgeNodeLabel } from '../../local/topology.ts';
import { startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { differences } from '../conformance/verdict.ts';
import { mainWorld, type World } from '../conformance/worlds.ts';
import { eventually, settled } from './kubectl.ts';
import { addressOf } from './network/echoes.ts';
import { ask, knock } from './network/outside.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const { topology } = cluster;
const namespace = 'seed-two';

/** The same program thrice, each reachable in one of the ways of the second seed document, and all by the edge. */
const app = (name: string, type: 'ClusterIP' | 'NodePort' | 'LoadBalancer', nodePort?: number) =>
  defineApp({
    name,
    image: 'edgeplane.local/echo:local',
    args: [`-name=${name}`],
    ports: { http: { port: 8080, ...(nodePort === undefined ? {} : { nodePort }) } },
    // On every node, as the document says; the client address is lost on the way from node to node.
    service: { type, ...(type === 'NodePort' ? { externalTrafficPolicy: 'Cluster' as const } : {}) },
    probes: { readiness: { check: { http: { path: '/healthz', port: 8081 } } } },
    resources: { cpu: '10m', memory: '32Mi' },
    replicas: 1,
    callers: 'any',
    protection: { open: 'everybody may see how an app is reached' },
    routes: [
      { hosts: [`${name}.seed.test`] },
      { name: 'closed', hosts: [`${name}.seed.test`], paths: ['/closed'], allowFrom: ['192.0.2.0/24'] },
    ],
  });

const nodePort = 30_780;
const world: World = {
  name: 'seed-two',
  environment: { ...mainWorld.environment, namespace },
  definitions: [app('inner', 'ClusterIP'), app('onnodes', 'NodePort', nodePort), app('balanced', 'LoadBalancer')],
};

let driver: TraefikDriver;
beforeAll(async () => {
  driver = await startTraefik(cluster, world);
  await driver.serve(world);
});
afterAll(async () => {
  await driver.forget(world);
});

const service = (name: string, path: string) =>
  driver.kubectl('-n', namespace, 'get', 'service', name, '-o', `jsonpath={${path}}`);

/** The app that answers a URL somewhere on the inside network, or what stands in the way. */
async function from(place: { readonly netns: string }, url: string): Promise<string> {
  const [program = '', ...words] = [...inside(place), 'curl', '-s', '-m', '3', url];
  const text = await run(program, words).catch(() => '');
  return text === '' ? 'nothing' : (JSON.parse(text) as { service: string }).service;
}
const worker = topology.nodes.find(({ role }) => role === 'worker')!;
const edge = topology.nodes.find(({ role }) => role === 'edge')!;

test('ClusterIP: reachable inside of the cluster and through the API server, and from nowhere else', async () => {
  const address = await service('inner', '.spec.clusterIP');
  expect(
    await eventually(
      () => from(worker, `http://${address}/`),
      (found) => found === 'inner',
    ),
  ).toBe('inner');
  const proxied = await eventually(
    () => driver.kubectl.attempt('get', '--raw', `/api/v1/namespaces/${namespace}/services/inner:http/proxy/x`),
    ({ exitCode }) => exitCode === 0,
  );
  expect(JSON.parse(proxied.stdout)).toMatchObject({ service: 'inner', target: '/x' });
  // The outside has no way there: what this machine would send to it goes to another network.
  expect(await run('ip', ['route', 'get', address])).not.toContain(topology.outside.hostLink);
});

test('NodePort: on every node of the inside network; the firewall keeps the outside from it', async () => {
  for (const node of topology.nodes)
    expect(
      await eventually(
        () => from(topology.router, `http://${node.address}:${nodePort}/`),
        (found) => found === 'onnodes',
      ),
    ).toBe('onnodes');
  for (const node of topology.nodes)
    expect([node.name, await knock(node.address, nodePort)]).toEqual([node.name, 'silent']);
});

test('LoadBalancer: from the outside, on an address of its own', async () => {
  const address = await addressOf(driver.kubectl, namespace, 'balanced');
  expect(topology.outside.loadBalancerPool).toContain(address);
  const answer = await eventually(
    () => ask({ address, path: '/x' }),
    (found) => found.kind === 'answer' && found.status === 200,
  );
  expect(answer.kind === 'answer' && JSON.parse(answer.body)).toMatchObject({ service: 'balanced', target: '/x' });
});

test.each(['inner', 'onnodes', 'balanced'])(
  'the edge router: %s by its host name, under the policy of its routes',
  async (name) => {
    const host = `${name}.seed.test`;
    await settled(
      () => driver.send({ host, target: '/x' }),
      ({ status }) => status === 200,
    );
    const answer = await driver.send({ host, target: '/x' });
    expect(differences({ status: 200, service: name, target: '/x' }, answer)).toEqual([]);
    expect(differences({ status: 403, service: null }, await driver.send({ host, target: '/closed' }))).toEqual([]);
    expect((await driver.send({ host: 'another.seed.test', target: '/x' })).status).toBe(404);
  },
);

test('the edge router is a node with restrictions: nothing else runs on it, and only its doors are open', async () => {
  const pods = (await driver.kubectl.json('get', 'pods', '--all-namespaces')) as {
    items: { metadata: { namespace: string }; spec: { nodeName?: string } }[];
  };
  const edges = topology.nodes.filter(({ labels }) => edgeNodeLabel.key in labels).map(({ name }) => name);
  const onEdges = pods.items.filter(({ spec }) => edges.includes(spec.nodeName ?? ''));
  expect(new Set(onEdges.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['edgeplane-edge']));
  expect(new Set(onEdges.map(({ spec }) => spec.nodeName))).toEqual(new Set(edges));
  for (const port of [22, 8000, 8080, 8443, 10250])
    expect([port, await knock(edge.address, port)]).toEqual([port, 'silent']);
  for (const port of [80, 443]) expect([port, await knock(worker.address, port)]).toEqual([port, 'silent']);
});
