import { expect, test } from 'vitest';
import { createPendingDisplay, pendingLines } from '../../../cli/deploy/display.ts';
import {
  type ClusterState,
  type EventState,
  type Pending,
  type PodState,
  pendingOf,
  type WorkloadState,
} from '../../../cli/deploy/pending.ts';

const labels = { 'app.kubernetes.io/name': 'cart' };

function deployment(status: Readonly<Record<string, unknown>>): WorkloadState {
  return {
    kind: 'Deployment',
    metadata: { name: 'cart', namespace: 'apps', generation: 2 },
    spec: { replicas: 1, selector: { matchLabels: labels } },
    status,
  };
}
const waiting = deployment({ observedGeneration: 2, replicas: 1, updatedReplicas: 1 });
const done = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1 };

type Container = NonNullable<NonNullable<PodState['status']>['containerStatuses']>[number];
const pod = (container: Partial<Container>, conditions: readonly object[] = []): PodState => ({
  metadata: { name: 'cart-1', namespace: 'apps', labels },
  status: {
    conditions: conditions as never,
    containerStatuses: [{ name: 'cart', image: 'example.org/cart:1', ready: false, ...container }],
  },
});

const causeOf = (pods: readonly PodState[], events: readonly EventState[] = []): Pending | undefined =>
  pendingOf({ workloads: [waiting], pods, events, services: [] })[0];

test.each([
  ['every replica of the newest version is available', done, 0],
  ['the controller has not seen the newest version', { ...done, observedGeneration: 1 }, 1],
  ['a pod of an older version is still there', { ...done, replicas: 2 }, 1],
  ['no replica is available', { ...done, availableReplicas: 0 }, 1],
])('of a Deployment where %s, this many are pending: %3$s', (_, status, count) => {
  expect(pendingOf({ workloads: [deployment(status)], pods: [], events: [], services: [] })).toHaveLength(count);
});

test.each(['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'])(
  '%s is about the image, by name',
  (reason) => {
    const cause = causeOf([pod({ state: { waiting: { reason } } })]);
    expect(cause).toMatchObject({ what: 'apps/cart', why: 'image', detail: `example.org/cart:1: ${reason}` });
  },
);

test('a container that ends again and again is a crash, with its exit code and whose log to read', () => {
  const state = { waiting: { reason: 'CrashLoopBackOff' } };
  const cause = causeOf([pod({ state, lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } })]);
  expect(cause).toMatchObject({ why: 'crash', detail: 'cart ended with 137 (OOMKilled)' });
  expect(cause?.log).toEqual({ namespace: 'apps', pod: 'cart-1', container: 'cart' });
});

test('a Secret key that is missing is about the configuration, in the words of the kubelet', () => {
  const message = "couldn't find key token in Secret apps/gate";
  const cause = causeOf([pod({ state: { waiting: { reason: 'CreateContainerConfigError', message } } })]);
  expect(cause).toMatchObject({ why: 'configuration', detail: message });
});

test.each([
  ["0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", 'no node'],
  ['0/2 nodes are available: 2 node(s) had untolerated taint {dedicated: edge-router}.', 'no node'],
  ['0/2 nodes are available: 2 Insufficient memory.', 'unschedulable'],
])('a pod that no node takes: %s', (message, why) => {
  const conditions = [{ type: 'PodScheduled', status: 'False', message }];
  expect(causeOf([pod({}, conditions)])).toMatchObject({ why, detail: message });
});

test('a container that runs and is not ready waits for its probe, with the last answer of it', () => {
  const involvedObject = { name: 'cart-1', namespace: 'apps' };
  const unhealthy = (message: string, lastTimestamp: string) => ({
    reason: 'Unhealthy',
    message,
    lastTimestamp,
    involvedObject,
  });
  const events = [
    unhealthy('Readiness probe failed: 503', '2026-11-21T10:00:02Z'),
    unhealthy('older', '2026-11-21T10:00:01Z'),
  ];
  expect(causeOf([pod({ state: {} })], events)).toMatchObject({ why: 'probe', detail: 'Readiness probe failed: 503' });
});

test('a volume that cannot be mounted is told while the container is made', () => {
  const involvedObject = { name: 'cart-1', namespace: 'apps' };
  const events = [{ type: 'Warning', reason: 'FailedMount', message: 'secret "gate" not found', involvedObject }];
  const cause = causeOf([pod({ state: { waiting: { reason: 'ContainerCreating' } } })], events);
  expect(cause).toMatchObject({ why: 'starting', detail: 'FailedMount: secret "gate" not found' });
});

test('pods that the API server refuses are told with its words', () => {
  const involvedObject = { kind: 'ReplicaSet', name: 'cart-7d9f', namespace: 'apps' };
  const events = [{ type: 'Warning', reason: 'FailedCreate', message: 'violates PodSecurity', involvedObject }];
  expect(causeOf([], events)).toMatchObject({ why: 'refused', detail: 'violates PodSecurity' });
});

test('of several pods the gravest reason is told', () => {
  const probing = pod({ state: {} });
  const crashed = pod({ state: { terminated: { exitCode: 1 } } });
  expect(causeOf([probing, crashed])).toMatchObject({ why: 'crash' });
});

test('a DaemonSet that no node is for has no node', () => {
  const edge: WorkloadState = {
    ...waiting,
    kind: 'DaemonSet',
    status: { observedGeneration: 2, desiredNumberScheduled: 0 },
  };
  expect(pendingOf({ workloads: [edge], pods: [], events: [], services: [] })).toMatchObject([{ why: 'no node' }]);
});

test('a load balancer without an address is pending', () => {
  const state: ClusterState = {
    workloads: [],
    pods: [],
    events: [],
    services: [{ metadata: { name: 'edge', namespace: 'e' } }],
  };
  expect(pendingOf(state)).toMatchObject([{ what: 'e/edge', why: 'address' }]);
});

const image: Pending = { what: 'apps/cart', why: 'image', detail: 'not there' };
const crash: Pending = { what: 'apps/gate', why: 'crash', detail: 'gate ended with 1' };

test('lines stand in columns, with the end of a log behind', () => {
  expect(pendingLines([image, crash], new Map([['apps/gate', 'no token']]))).toEqual([
    'apps/cart  image  not there',
    'apps/gate  crash  gate ended with 1 | log: no token',
  ]);
});

function shownOn(isTTY: boolean): string {
  let text = '';
  let now = 0;
  const sink = {
    isTTY,
    columns: () => 80,
    rows: () => 24,
    write: (more: string) => {
      text += more;
    },
  };
  const display = createPendingDisplay(sink, () => now);
  const logs = new Map<string, string>();
  display.show([image, crash], logs);
  now = 4000;
  display.show([image, crash], logs);
  display.show([{ ...image, why: 'probe' }], logs);
  display.show([], logs);
  display.end();
  return text;
}

test('without a terminal a line comes when a reason changes, and none while it stays', () => {
  expect(shownOn(false)).toBe(`[0 s] apps/cart: image: not there
[0 s] apps/gate: crash: gate ended with 1
[4 s] apps/gate: ready
[4 s] apps/cart: probe: not there
[4 s] apps/cart: ready
`);
});

test('on a terminal the lines are drawn over the former ones, and nothing stays but the time', () => {
  const text = shownOn(true);
  expect(text).toContain('waiting for 2, 0 s\n');
  expect(text).toContain('\x1b[3A\x1b[J');
  expect(text.endsWith('ok      apps (4 s)\n')).toBe(true);
});
