import { afterAll, beforeAll, expect, test } from 'vitest';
import { inside } from '../../../local/cluster.ts';
import { run } from '../../../local/command.ts';
import { applyFirewall, type OpenPort } from '../../../local/firewall.ts';
import { eventually, kubectlOf } from '../kubectl.ts';
import { sharedCluster } from '../shared-cluster.ts';
import { echoDeployment, nodeAddress } from './echoes.ts';
import { ask, clientIn, knock, secondClient } from './outside.ts';

const cluster = sharedCluster();
const { topology } = cluster;
const kubectl = kubectlOf(cluster);
const namespace = 'e2e-firewall';
const [edge, worker] = [nodeAddress(cluster, 'edge-1'), nodeAddress(cluster, 'worker-1')];
const open = (port: number, ...sources: string[]): OpenPort => ({ protocol: 'tcp', port, sources });
const asUsual = [open(80), open(443)];

/** A pod that takes port 80 of a node, as an edge on bare metal does. */
const onHostPort = (node: string) =>
  echoDeployment(namespace, `on-${node}`, {
    pod: { nodeName: node },
    plain: { ports: [{ containerPort: 8080, hostPort: 80 }] },
  });

let second: Awaited<ReturnType<typeof secondClient>>;

beforeAll(async () => {
  second = await secondClient(topology);
  await kubectl.freshNamespace(namespace);
  await kubectl.apply(onHostPort('edge-1'), onHostPort('worker-1'), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name: 'node-port' },
    spec: {
      type: 'NodePort',
      selector: { app: 'on-edge-1' },
      ports: [{ port: 80, targetPort: 8080, nodePort: 32123 }],
    },
  });
  for (const node of ['edge-1', 'worker-1']) {
    await kubectl('-n', namespace, 'rollout', 'status', `deployment/on-${node}`, '--timeout=90s');
  }
});
afterAll(async () => {
  await applyFirewall(topology, asUsual);
  await second.drop();
  await kubectl.drop(namespace);
});

/** Somebody answers there; a slow machine takes longer than one knock waits. */
const opens = (...place: Parameters<typeof knock>) =>
  eventually(
    () => knock(...place),
    (found) => found === 'open',
  );

test('an open port of an edge node answers, with the client address kept', async () => {
  await applyFirewall(topology, asUsual);
  const answer = await eventually(
    () => ask({ address: edge }),
    ({ kind }) => kind === 'answer',
  );
  expect(clientIn(answer)).toBe(topology.outside.host);
});

test('everything else of an edge node is silent: kubelet, containerd, kube-proxy, a node port', async () => {
  await applyFirewall(topology, asUsual);
  const fromInside = ['curl', '-sf', '-m', '3', '-o', '/dev/null', `http://${edge}:32123/`];
  const [program = '', ...args] = [...inside(topology.router), ...fromInside];
  await eventually(
    () =>
      run(program, args).then(
        () => true,
        () => false,
      ),
    Boolean,
  );
  for (const port of [32123, 10250, 10256, 10249, 22])
    expect([port, await knock(edge, port)]).toEqual([port, 'silent']);
});

test('a worker is closed, even where a pod of its takes a port that is open on edge nodes', async () => {
  await applyFirewall(topology, asUsual);
  for (const port of [80, 443, 10250]) expect([port, await knock(worker, port)]).toEqual([port, 'silent']);
});

test('source ranges of an open port keep everybody else out', async () => {
  await applyFirewall(topology, [open(80, `${second.address}/32`)]);
  await opens(edge, 80, second.address);
  expect(await knock(edge, 80, topology.outside.host)).toBe('silent');
});

test('closing a port takes effect on the next application', async () => {
  await applyFirewall(topology, asUsual);
  await opens(edge, 80);
  await applyFirewall(topology, []);
  expect(await knock(edge, 80)).toBe('silent');
});

test('the API server answers from the outside; the rest of the control plane and the router do not', async () => {
  await applyFirewall(topology, asUsual);
  const { controlPlane, router } = topology;
  await opens(controlPlane.address, controlPlane.apiPort);
  for (const port of [2379, 2380, 10257, 10259]) {
    expect([port, await knock(controlPlane.address, port)]).toEqual([port, 'silent']);
  }
  for (const port of [22, 80, 443]) expect([port, await knock(router.outsideAddress, port)]).toEqual([port, 'silent']);
});

test('applying it again changes no rule', async () => {
  const rules = () => {
    const [program = '', ...args] = [...inside(topology.router), 'iptables', '-S'];
    return run(program, args);
  };
  await applyFirewall(topology, asUsual);
  const before = await rules();
  await applyFirewall(topology, asUsual);
  expect(await rules()).toBe(before);
});
