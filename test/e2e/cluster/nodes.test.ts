import { afterAll, beforeAll, expect, test } from 'vitest';
import { edgeNodeLabel } from '../../../local/topology.ts';
import { eventually, kubectlOf, waitForPods } from '../kubectl.ts';
import { sharedCluster } from '../shared-cluster.ts';
import { workload } from './objects.ts';

const cluster = sharedCluster();
const kubectl = kubectlOf(cluster);
const namespace = 'e2e-nodes';

interface Listed<Item> {
  readonly items: readonly Item[];
}
interface NodeItem {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  };
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}
interface PodItem {
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string };
}

const pods = async (app: string) =>
  ((await kubectl.json('-n', namespace, 'get', 'pods', '-l', `app=${app}`)) as Listed<PodItem>).items;

const running = (count: number) => (items: readonly PodItem[]) =>
  items.length === count && items.every((item) => item.status.phase === 'Running');

const edgeNames = ['edge-1', 'edge-2'];
const workerNames = ['worker-1', 'worker-2'];
const nodesOf = (items: readonly PodItem[]) => items.map((item) => item.spec.nodeName ?? '').toSorted();

beforeAll(() => kubectl.freshNamespace(namespace));
afterAll(() => kubectl.drop(namespace));

test('every node is Ready, and edge nodes alone carry the label and the taint', async () => {
  const { items } = (await kubectl.json('get', 'nodes')) as Listed<NodeItem>;
  const summary = items.map(({ metadata, spec, status }) => ({
    name: metadata.name,
    ready: status.conditions.find((condition) => condition.type === 'Ready')?.status,
    label: metadata.labels[edgeNodeLabel.key],
    taints: (spec.taints ?? []).map(({ key, value, effect }) => `${key}=${value}:${effect}`),
  }));
  const edge = { ready: 'True', label: 'edge-router', taints: ['dedicated=edge-router:NoSchedule'] };
  const worker = { ready: 'True', label: undefined, taints: [] };
  expect(summary.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
    ...edgeNames.map((name) => ({ name, ...edge })),
    ...workerNames.map((name) => ({ name, ...worker })),
  ]);
});

test('pods without a toleration run on workers only, however many there are', async () => {
  await kubectl.apply(workload('Deployment', namespace, 'plain', {}, 8));
  const placed = await eventually(() => pods('plain'), running(8));
  expect([...new Set(nodesOf(placed))].every((name) => workerNames.includes(name))).toBe(true);
});

test('a pod that asks for an edge node by label and does not tolerate the taint stays unscheduled', async () => {
  const nodeSelector = { [edgeNodeLabel.key]: edgeNodeLabel.value };
  await kubectl.apply(workload('Deployment', namespace, 'refused', { nodeSelector }, 1));
  const refused = { label: 'app=refused', become: 'condition=PodScheduled=false', seconds: 30 };
  await waitForPods(kubectl, namespace, refused);
  expect(nodesOf(await pods('refused'))).toEqual(['']);
});

test('a DaemonSet with selector and toleration lands on every edge node and nowhere else', async () => {
  await kubectl.apply(
    workload('DaemonSet', namespace, 'edge', {
      nodeSelector: { [edgeNodeLabel.key]: edgeNodeLabel.value },
      tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'edge-router', effect: 'NoSchedule' }],
    }),
  );
  expect(nodesOf(await eventually(() => pods('edge'), running(2)))).toEqual(edgeNames);
});
