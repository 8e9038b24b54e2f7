import { expect, test } from 'vitest';
import { readStatus } from '../../../local/status.ts';
import { start } from '../cluster.ts';
import { eventually, kubectlOf } from '../kubectl.ts';
import { sharedCluster } from '../shared-cluster.ts';

const cluster = sharedCluster();
const kubectl = kubectlOf(cluster);
const { shape } = cluster.topology;

/** Pid of every component by its name. */
async function pids(): Promise<Readonly<Record<string, number | undefined>>> {
  const components = (await readStatus(cluster.paths))?.components ?? [];
  return Object.fromEntries(components.map(({ name, pid }) => [name, pid]));
}

async function kill(...names: readonly string[]): Promise<void> {
  const running = await pids();
  for (const name of names) {
    const pid = running[name];
    if (pid === undefined) throw new Error(`${name} does not run, so it cannot be killed`);
    process.kill(pid, 'SIGKILL');
  }
  await eventually(pids, (now) => names.every((name) => now[name] === undefined));
}

const everything = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'load-balancer',
  ...cluster.topology.nodes.flatMap(({ name }) =>
    ['containerd', 'kubelet', 'kube-proxy'].map((part) => `${name}.${part}`),
  ),
];

test('up on a cluster that runs starts and restarts nothing', async () => {
  const before = await pids();
  await start(shape);
  expect(await pids()).toEqual(before);
  expect(Object.keys(before).toSorted()).toEqual(everything.toSorted());
});

/** An API server does not survive its etcd: it would go on as if it were ready, and answer when it next looks for it. */
const startedWith: Readonly<Record<string, readonly string[]>> = { etcd: ['kube-apiserver'] };

test.each([
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'load-balancer',
  'edge-1.kubelet',
  'worker-1.containerd',
  'worker-2.kube-proxy',
])(
  'after kill -9 of %s the next up starts it again, with what cannot go on without it, and leaves the others alone',
  async (name) => {
    const before = await pids();
    await kill(name);
    await start(shape);
    const now = await pids();
    const started = [name, ...(startedWith[name] ?? [])];
    for (const part of started) {
      expect(now[part]).toEqual(expect.any(Number));
      expect(now[part]).not.toBe(before[part]);
    }
    const others = (all: typeof now) => Object.entries(all).filter(([part]) => !started.includes(part));
    expect(others(now)).toEqual(others(before));
  },
);

test('what was written to etcd is there after everything was killed at once, pods included', async () => {
  await kubectl('-n', 'default', 'create', 'configmap', 'survivor', '--from-literal=word=still-here');
  try {
    await kill(...everything);
    await start(shape);
    expect(await kubectl('-n', 'default', 'get', 'configmap', 'survivor', '-o', 'jsonpath={.data.word}')).toBe(
      'still-here',
    );
    expect((await readStatus(cluster.paths))?.healthy).toBe(true);
    await kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s');
  } finally {
    await kubectl('-n', 'default', 'delete', 'configmap', 'survivor', '--ignore-not-found');
  }
});
