// Long: one live internal edge, and everything that may happen around it, one after the other.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../components/compile/compile.ts';
import type { KubeObject } from '../../components/compile/output.ts';
import type { Definition } from '../../components/model/define.ts';
import type { Environment } from '../../components/model/schema/environment.ts';
import { run } from '../../local/command.ts';
import { pinImages } from '../../local/images/reference.ts';
import { internalTools } from '../../stacks/apps/internal-tools.ts';
import { type Answer, type RawRequest, send } from '../conformance/raw-client.ts';
import { bringImages, startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { mainWorld } from '../conformance/worlds.ts';
import { type ConsulInCluster, startConsulInCluster, withConsul } from './consul-in-cluster.ts';
import { eventually, kubectlOf, settled, stayingPods } from './kubectl.ts';
import { addressOf, nodeAddress } from './network/echoes.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const { topology, paths } = cluster;
const kubectl = kubectlOf(cluster);
const edgeNamespace = 'edgeplane-internal';
const domain = 'internal.example.org';
const key = 'internal-0123456789abcdefghijkl';

const apps: readonly Definition[] = internalTools(domain);

function environmentOf(consul: string): Environment {
  return {
    name: 'inside',
    kind: 'local',
    edge: 'catalog',
    catalog: { consul },
    // Nobody here waits for the edge to stop, and its end is not worth a minute.
    drain: '4s',
    images: {
      'edgeplane/catalog:0.1.0': 'edgeplane.local/catalog:local',
      'edgeplane/gatekeeper:0.1.0': 'edgeplane.local/gatekeeper:local',
    },
    exposure: { loadBalancer: { clientAddress: 'preserved' } },
    namespace: 'tools',
  };
}

let consul: ConsulInCluster;
let objects: (definitions: readonly Definition[]) => readonly KubeObject[];
let door: string;
let publicEdge: TraefikDriver;

/** A client on the private network, and one with an address of the documentation's (RFC 5737), which is public. */
const inside = topology.outside.host;
const outsider = '203.0.113.7';

/** The way back to the outsider is through the router, as to everyone outside. */
async function outsiderComes(): Promise<void> {
  await run('ip', ['addr', 'replace', `${outsider}/32`, 'dev', topology.outside.hostLink]);
  await run('ip', ['-n', topology.router.netns, 'route', 'replace', `${outsider}/32`, 'via', inside]);
}

async function outsiderGoes(): Promise<void> {
  await run('ip', ['addr', 'del', `${outsider}/32`, 'dev', topology.outside.hostLink]);
  await run('ip', ['-n', topology.router.netns, 'route', 'del', `${outsider}/32`]);
}

async function apply(all: readonly KubeObject[]): Promise<void> {
  const isFirst = ({ kind }: KubeObject) => kind === 'CustomResourceDefinition' || kind === 'Namespace';
  const how = ['--server-side', '--field-manager=edgeplane', '--force-conflicts', '--validate=strict', '-f', '-'];
  const parts = [all.filter(isFirst), all.filter((object) => !isFirst(object))];
  for (const items of parts.filter(({ length }) => length > 0)) {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    await run(cluster.tools.kubectl, [`--kubeconfig=${paths.kubeconfig}`, 'apply', ...how], { input });
    if (items.some(({ kind }) => kind === 'CustomResourceDefinition'))
      await kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
  }
}

beforeAll(async () => {
  const names = ['consul', 'catalog', 'traefik', 'gatekeeper', 'echo'] as const;
  const images = await bringImages(await withConsul(cluster), names);
  const image = images.find(({ name }) => name === 'consul')?.reference ?? '';
  consul = await startConsulInCluster(cluster, image, 'inside');
  objects = (definitions) => {
    const environment = environmentOf(consul.address);
    const outcome = compile({ environment, definitions: definitions.map((input) => ({ input })), today: '2026-11-21' });
    if (!outcome.ok) throw new Error(JSON.stringify([outcome.problems, outcome.losses]));
    return pinImages(
      outcome.groups.flatMap((group) => group.objects),
      images,
    );
  };
  await kubectl.freshNamespace(edgeNamespace);
  const tokens = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'consul-tokens', namespace: edgeNamespace } };
  await kubectl.apply({ ...tokens, stringData: consul.tokens });
  await apply(objects(apps));
  const routing = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'routing', namespace: 'data' } };
  await kubectl.apply({ ...routing, stringData: { 'api-key': key } });
  await kubectl('-n', edgeNamespace, 'rollout', 'status', 'daemonset/edgeplane-internal', '--timeout=180s');
  await kubectl('-n', edgeNamespace, 'rollout', 'status', 'deployment/edgeplane-catalog', '--timeout=180s');
  for (const [namespace, name] of [
    ['data', 'db'],
    ['data', 'edgeplane-gatekeeper'],
    ['operations', 'status'],
  ] as const)
    await kubectl('-n', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=180s');
  door = await addressOf(kubectl, edgeNamespace, 'edgeplane-internal');
  publicEdge = await startTraefik(cluster, mainWorld);
  await outsiderComes();
});

afterAll(async () => {
  await outsiderGoes();
  await publicEdge?.forget(mainWorld);
  for (const namespace of ['data', 'operations', edgeNamespace]) await kubectl.drop(namespace);
  await consul?.drop();
});

/** Through the load balancer of the internal edge, as somebody on the private network. */
function asks(host: string, path = '/', headers: RawRequest['headers'] = []): Promise<Answer> {
  return send({ address: door, http: 80, https: 443 }, { host, target: path, headers, localAddress: inside });
}

const statusOf = async (host: string, path = '/') => (await asks(host, path)).status;
/** Each edge pod hears of a change by itself. */
const until = (host: string, status: number, path = '/') =>
  settled(
    () => statusOf(host, path),
    (found) => found === status,
  );
const podIn = ({ body }: Answer) => (JSON.parse(body) as { readonly pod: string }).pod;

test('apps of two namespaces are reached by name, through Consul', async () => {
  await until(`db.${domain}`, 200);
  await until(`status.${domain}`, 200);
  expect(podIn(await asks(`db.${domain}`))).toMatch(/^db-/);
  expect(podIn(await asks(`status.${domain}`))).toMatch(/^status-/);
  const instances = await consul.instances();
  expect(
    [...new Set(instances.flatMap(({ tags }) => tags.filter((tag) => tag.startsWith('autogenerated-'))))].toSorted(),
  ).toEqual(['autogenerated-data', 'autogenerated-operations']);
});

test('a route that asks for a key answers 403 without it, and the app never sees it', async () => {
  await until(`db.${domain}`, 403, '/maintenance');
  const value = Buffer.from(key).toString('base64');
  const answer = await settled(
    () => asks(`db.${domain}`, '/maintenance/vacuum', [['X-ROUTING-API-KEY', value]]),
    ({ status }) => status === 200,
  );
  const report = JSON.parse(answer.body) as {
    readonly target: string;
    readonly headers: readonly (readonly string[])[];
  };
  expect(report.target).toBe('/vacuum');
  expect(report.headers.map(([name]) => name?.toLowerCase())).not.toContain('x-routing-api-key');
});

test('the public and the internal edge do not see each other’s routes', async () => {
  await publicEdge.serve(mainWorld);
  const publicHost = 'prefix.test';
  await settled(
    () => publicEdge.send({ host: publicHost, target: '/foo' }),
    ({ status }) => status === 200,
  );
  await until(publicHost, 404, '/foo');
  expect((await publicEdge.send({ host: `db.${domain}`, target: '/' })).status).toBe(404);
});

test('an address outside of the private ranges is refused by the load balancer, and by the edge behind it', async () => {
  const from = { host: `db.${domain}`, target: '/', localAddress: outsider };
  const to = { address: door, http: 80, https: 443 };
  // The connection ends without an answer.
  expect((await send(to, from)).status).toBe(0);
  const ranges = (...items: readonly string[]) =>
    kubectl(
      '-n',
      edgeNamespace,
      'patch',
      'service',
      'edgeplane-internal',
      '--type=merge',
      '-p',
      JSON.stringify({ spec: { loadBalancerSourceRanges: items } }),
    );
  await ranges('0.0.0.0/0');
  try {
    await settled(
      async () => (await send(to, from)).status,
      (status) => status === 403,
    );
  } finally {
    await ranges('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7');
  }
});

/** Waits until every pod of this number answers, and nobody else does. */
async function followed(replicas: number): Promise<void> {
  await kubectl('-n', 'operations', 'scale', 'deployment/status', `--replicas=${replicas}`);
  await kubectl('-n', 'operations', 'rollout', 'status', 'deployment/status', '--timeout=120s');
  // A rollout to fewer is over before the first pod is told to go.
  const pods = await eventually(
    () => stayingPods(kubectl, 'operations', '-l', 'app.kubernetes.io/name=status'),
    ({ length }) => length === replicas,
  );
  const names = new Set(pods.map(({ metadata }) => metadata.name));
  await eventually(
    () => Promise.all(Array.from({ length: 12 }, () => asks(`status.${domain}`))),
    (answers) => answers.every((answer) => answer.status === 200 && names.has(podIn(answer))),
  );
}

test('more pods are followed, and fewer, and none is 503', async () => {
  await followed(3);
  await followed(1);
  await kubectl('-n', 'operations', 'scale', 'deployment/status', '--replicas=0');
  await untilPassing('operations', []);
  await until(`status.${domain}`, 503);
  await followed(2);
  await untilPassing('operations', allNodes);
});

const allNodes = topology.nodes.map(({ name }) => name).toSorted();

/** Waits until the instances of a namespace are well on these nodes, and registered on `registered` in all. */
async function untilPassing(namespace: string, nodes: readonly string[], registered = allNodes): Promise<void> {
  const wanted = JSON.stringify([registered, nodes]);
  await eventually(
    async () => {
      const own = (await consul.instances()).filter(({ tags }) => tags.includes(`autogenerated-${namespace}`));
      const on = (found: typeof own) => [...new Set(found.map(({ node }) => node))].toSorted();
      return JSON.stringify([on(own), on(own.filter(({ isPassing }) => isPassing))]);
    },
    (found) => found === wanted,
  );
}

test('a node that is cordoned, or about to be removed, is taken out of use in the catalog and comes back', async () => {
  const others = allNodes.filter((name) => name !== 'worker-2');
  const taint = 'ToBeDeletedByClusterAutoscaler';
  await untilPassing('data', allNodes);
  try {
    await kubectl('cordon', 'worker-2');
    await untilPassing('data', others);
    await kubectl('uncordon', 'worker-2');
    await untilPassing('data', allNodes);
    await kubectl('taint', 'node', 'worker-2', `${taint}=1:NoSchedule`);
    await untilPassing('data', others);
  } finally {
    await kubectl('uncordon', 'worker-2');
    await kubectl('taint', 'node', 'worker-2', `${taint}-`);
  }
  await untilPassing('data', allNodes);
});

/** A node without a machine: it is Ready when somebody says so. No pod is put on it. */
async function tellReady(name: string, address: string, status: 'True' | 'False'): Promise<void> {
  const told = {
    addresses: [{ type: 'InternalIP', address }],
    conditions: [{ type: 'Ready', status, reason: 'Told', message: '' }],
  };
  await kubectl('patch', 'node', name, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: told }));
}

test('a node that joins is in the catalog, one that is not ready is out of use, and one that is gone is gone', async () => {
  const name = 'joined';
  // Of the machines' network, and nobody's: a connection to it ends at once.
  const address = nodeAddress(cluster, 'worker-1').replace(/\d+$/, '250');
  const spec = { taints: [{ key: 'edgeplane.test/no-machine', effect: 'NoSchedule' }] };
  const withIt = [...allNodes, name].toSorted();
  try {
    await kubectl.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec });
    await tellReady(name, address, 'True');
    await untilPassing('data', withIt, withIt);
    const joined = (await consul.instances()).filter(({ node }) => node === name);
    expect(joined.filter(({ id }) => !id.includes(`-${address}:`))).toEqual([]);
    await tellReady(name, address, 'False');
    await untilPassing('data', allNodes, withIt);
  } finally {
    await kubectl('delete', 'node', name, '--ignore-not-found');
  }
  await untilPassing('data', allNodes);
  await until(`db.${domain}`, 200);
});

test('a drained node is left without an error for those who ask', async () => {
  await kubectl('-n', 'data', 'rollout', 'status', 'deployment/db', '--timeout=120s');
  const answers: number[] = [];
  let asking = true;
  const asker = (async () => {
    while (asking) answers.push((await asks(`db.${domain}`)).status);
  })();
  try {
    await kubectl(
      'drain',
      'worker-1',
      '--ignore-daemonsets',
      '--delete-emptydir-data',
      '--timeout=120s',
      '--pod-selector=app.kubernetes.io/name=db',
    );
    await kubectl('-n', 'data', 'rollout', 'status', 'deployment/db', '--timeout=120s');
    const before = answers.length;
    await eventually(
      async () => answers.length,
      (count) => count > before + 50,
    );
  } finally {
    asking = false;
    await asker;
    await kubectl('uncordon', 'worker-1');
  }
  expect(answers.length).toBeGreaterThan(20);
  expect(answers.filter((status) => status !== 200)).toEqual([]);
});

test('a deleted Service is gone from the catalog, and its route answers 503, not another route', async () => {
  const name = publishedName('data');
  await kubectl('-n', 'data', 'delete', 'service', name);
  await until(`db.${domain}`, 503);
  await until(`db.${domain}`, 503, '/maintenance');
  await eventually(consul.instances, (all) => all.every(({ tags }) => !tags.includes('autogenerated-data')));
  await apply(objects(apps).filter(({ kind, metadata }) => kind === 'Service' && metadata.name === name));
  await until(`db.${domain}`, 200);
});

test('a deleted namespace takes its routes away, and no other', async () => {
  await kubectl.drop('operations');
  await until(`status.${domain}`, 404);
  await eventually(consul.instances, (all) => all.every(({ tags }) => !tags.includes('autogenerated-operations')));
  await until(`db.${domain}`, 200);
});

/** The NodePort Service that carries the tags of an app. */
function publishedName(namespace: string): string {
  const published = objects(apps).find(
    ({ kind, metadata }) =>
      kind === 'Service' && metadata.namespace === namespace && 'traefik.io/enable' in (metadata.annotations ?? {}),
  );
  return published?.metadata.name ?? '';
}
