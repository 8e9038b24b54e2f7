import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runningPid } from '../../../local/process.ts';
import { eventually, kubectlOf, settled } from '../kubectl.ts';
import { sharedCluster } from '../shared-cluster.ts';
import { addressOf, balanced, echoDeployment, forwarder, ingressOf } from './echoes.ts';
import { type Answer, ask, clientIn, reportIn, secondClient } from './outside.ts';

const cluster = sharedCluster();
const { topology, paths } = cluster;
const kubectl = kubectlOf(cluster);
const namespace = 'e2e-loadbalancer';
const local = { externalTrafficPolicy: 'Local' };
const proxied = [{ port: 80, targetPort: 8090 }];
const proxyProtocol = { 'edgeplane.dev/client-address': 'proxyProtocol' };

let second: Awaited<ReturnType<typeof secondClient>>;

beforeAll(async () => {
  second = await secondClient(topology);
  await kubectl.freshNamespace(namespace);
  await kubectl.apply(
    echoDeployment(namespace, 'echo'),
    balanced(namespace, 'preserved', 'echo', local),
    balanced(namespace, 'proxied', 'echo', { ...local, ports: proxied }, proxyProtocol),
    balanced(namespace, 'anywhere', 'echo'),
  );
  await kubectl('-n', namespace, 'rollout', 'status', 'deployment/echo', '--timeout=90s');
});
afterAll(async () => {
  await second.drop();
  await kubectl.drop(namespace);
});

const answered = (answer: Answer) => reportIn(answer) !== undefined;
const address = (service: string) => addressOf(kubectl, namespace, service);
const asked = (to: string, from?: string) =>
  eventually(() => ask(from === undefined ? { address: to } : { address: to, from }), answered);

/** While it takes a change over, a load balancer may still serve by what was before. */
const refuses = (to: string, from: string) =>
  settled(
    () => ask({ address: to, from }),
    ({ kind }) => kind === 'failed',
  );

test.each(['preserved', 'proxied'])('%s: the pod sees the address of the client itself', async (service) => {
  const to = await address(service);
  expect(topology.outside.loadBalancerPool).toContain(to);
  expect(clientIn(await asked(to, topology.outside.host))).toBe(topology.outside.host);
  expect(clientIn(await asked(to, second.address))).toBe(second.address);
});

test('the status tells how the address is to be treated inside the cluster', async () => {
  await Promise.all([address('preserved'), address('proxied')]);
  expect((await ingressOf(kubectl, namespace, 'preserved'))[0]?.ipMode).toBe('VIP');
  expect((await ingressOf(kubectl, namespace, 'proxied'))[0]?.ipMode).toBe('Proxy');
});

test('with policy Cluster every node forwards, and the pod sees a node instead of the client', async () => {
  const client = clientIn(await asked(await address('anywhere')));
  expect(topology.nodes.map((node) => node.name)).toContain(forwarder(cluster, client));
});

test('a node that is excluded from load balancing gets no connection, and gets them again when it no longer is', async () => {
  const to = await address('anywhere');
  const nodesSeen = async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask({ address: to })));
    return [...new Set(answers.map((answer) => forwarder(cluster, clientIn(answer))))].toSorted();
  };
  const all = topology.nodes.map((node) => node.name).toSorted();
  const rest = all.filter((one) => one !== 'edge-1');
  const exactly = (wanted: readonly string[]) => (seen: readonly string[]) => seen.join() === wanted.join();
  await eventually(nodesSeen, exactly(all));
  await kubectl('label', 'node', 'edge-1', 'node.kubernetes.io/exclude-from-external-load-balancers=');
  try {
    await eventually(nodesSeen, exactly(rest));
  } finally {
    await kubectl('label', 'node', 'edge-1', 'node.kubernetes.io/exclude-from-external-load-balancers-');
  }
  await eventually(nodesSeen, exactly(all));
});

test('a client outside the source ranges is refused, one inside is served', async () => {
  const ranges = { loadBalancerSourceRanges: [`${topology.outside.host}/32`] };
  await kubectl.apply(balanced(namespace, 'ranged', 'echo', { ...local, ...ranges }));
  const to = await address('ranged');
  expect(clientIn(await asked(to, topology.outside.host))).toBe(topology.outside.host);
  await refuses(to, second.address);
  const other = { loadBalancerSourceRanges: [`${second.address}/32`] };
  await kubectl.apply(balanced(namespace, 'ranged', 'echo', { ...local, ...other }));
  expect(clientIn(await asked(to, second.address))).toBe(second.address);
  await refuses(to, topology.outside.host);
});

test('with policy Local traffic follows the pod from node to node', async () => {
  const mover = (node: string) =>
    echoDeployment(namespace, 'mover', {
      strategy: { type: 'Recreate' },
      pod: { nodeSelector: { 'kubernetes.io/hostname': node } },
    });
  await kubectl.apply(mover('worker-1'), balanced(namespace, 'moving', 'mover', local));
  const to = await address('moving');
  const first = reportIn(await eventually(() => ask({ address: to }), answered))?.pod;
  await kubectl.apply(mover('worker-2'));
  const moved = (answer: Answer) => answered(answer) && reportIn(answer)?.pod !== first;
  expect(clientIn(await eventually(() => ask({ address: to }), moved))).toBe(topology.outside.host);
});

test('a node whose pod has gone gets no more connections, and gets them again once a pod is back', async () => {
  const apart = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'pair' } } };
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [apart] } };
  const pair = echoDeployment(namespace, 'pair', { replicas: 2, pod: { affinity } });
  await kubectl.apply(pair, balanced(namespace, 'pair', 'pair', local));
  await kubectl('-n', namespace, 'rollout', 'status', 'deployment/pair', '--timeout=90s');
  const to = await address('pair');
  const podsSeen = async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask({ address: to })));
    return [...new Set(answers.map((answer) => reportIn(answer)?.pod ?? 'none'))];
  };
  await eventually(podsSeen, (seen) => seen.length === 2 && !seen.includes('none'));
  await kubectl('cordon', 'worker-2');
  try {
    await kubectl('-n', namespace, 'delete', 'pod', '-l', 'app=pair', '--field-selector=spec.nodeName=worker-2');
    const [remaining] = await eventually(podsSeen, (seen) => seen.length === 1 && !seen.includes('none'));
    for (let round = 0; round < 5; round += 1) expect(await podsSeen()).toEqual([remaining]);
  } finally {
    await kubectl('uncordon', 'worker-2');
  }
  await eventually(podsSeen, (seen) => seen.length === 2 && !seen.includes('none'));
});

test('an answer that takes long is not cut by the changes of other Services meanwhile', async () => {
  const to = await address('preserved');
  await asked(to);
  const events = ask({ address: to, path: '/?__sse=6x500ms' });
  await kubectl.apply(balanced(namespace, 'other', 'echo'));
  await address('other');
  await kubectl('-n', namespace, 'delete', 'service', 'other');
  const answer = await events;
  expect(answer.kind === 'answer' && answer.body.match(/^id: /gm)).toHaveLength(6);
});

test('a Service made anew under its name, or under another policy, is served by its new ports', async () => {
  await kubectl.apply(balanced(namespace, 'again', 'echo', local));
  expect(clientIn(await asked(await address('again')))).toBe(topology.outside.host);
  await kubectl('-n', namespace, 'delete', 'service', 'again');
  await kubectl.apply(balanced(namespace, 'again', 'echo', local));
  const to = await address('again');
  expect(clientIn(await asked(to))).toBe(topology.outside.host);
  await kubectl.apply(balanced(namespace, 'again', 'echo', { externalTrafficPolicy: 'Cluster' }));
  const byNode = (answer: Answer) => answered(answer) && clientIn(answer) !== topology.outside.host;
  await settled(() => ask({ address: to }), byNode);
  await kubectl.apply(balanced(namespace, 'again', 'echo', local));
  const byClient = (answer: Answer) => clientIn(answer) === topology.outside.host;
  await settled(() => ask({ address: to }), byClient);
});

test('an address is kept for a Service and released when it is deleted or changes its type', async () => {
  await kubectl.apply(balanced(namespace, 'short', 'echo'));
  const to = await address('short');
  await asked(to);
  await kubectl('-n', namespace, 'patch', 'service', 'short', '-p', '{"spec":{"type":"ClusterIP"}}');
  expect(
    await eventually(
      () => ingressOf(kubectl, namespace, 'short'),
      (found) => found.length === 0,
    ),
  ).toEqual([]);
  await settled(
    () => ask({ address: to }),
    ({ kind }) => kind === 'failed',
  );
});

test('a static address is given; one outside the pool is refused with an Event that names the pool', async () => {
  const wanted = topology.outside.loadBalancerPool.at(-1)!;
  const at = (ip: string) => ({ 'edgeplane.dev/address': ip });
  await kubectl.apply(
    balanced(namespace, 'static', 'echo', {}, at(wanted)),
    balanced(namespace, 'astray', 'echo', {}, at('192.0.2.1')),
  );
  expect(await address('static')).toBe(wanted);
  const messages = () =>
    kubectl(
      '-n',
      namespace,
      'get',
      'events',
      '--field-selector=involvedObject.name=astray',
      '-o',
      'jsonpath={..message}',
    );
  expect(await eventually(messages, (text) => text.includes('192.0.2.1'))).toContain('is outside the pool');
  expect(await ingressOf(kubectl, namespace, 'astray')).toEqual([]);
});

test('a Service of another class is left alone', async () => {
  await kubectl.apply(balanced(namespace, 'foreign', 'echo', { loadBalancerClass: 'example.com/other' }));
  await kubectl.apply(balanced(namespace, 'later', 'echo'));
  await address('later');
  expect(await ingressOf(kubectl, namespace, 'foreign')).toEqual([]);
});

test('haproxy killed outright is back by itself', async () => {
  const to = await address('preserved');
  await asked(to);
  const socket = join(paths.run, 'load-balancer/master.sock');
  const commandOf = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    } catch {
      return [];
    }
  };
  const pids = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(`${socket},mode,600`));
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch (error) {
      // A worker ends with its master.
      expect((error as NodeJS.ErrnoException).code).toBe('ESRCH');
    }
  }
  expect(clientIn(await asked(to))).toBe(topology.outside.host);
});

test('with the API server silent, what is served stays served', async () => {
  const to = await address('preserved');
  const pid = runningPid(paths, 'kube-apiserver')!;
  process.kill(pid, 'SIGSTOP');
  try {
    await sleep(3_000); // Longer than the load balancer waits between two looks.
    expect(clientIn(await ask({ address: to }))).toBe(topology.outside.host);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});
