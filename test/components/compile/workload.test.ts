import { expect, test } from 'vitest';
import { annotation, appNameLabel } from '../../../components/compile/metadata.ts';
import { app, compiled, objectIn, objectsOf, open, planOf } from './definitions.ts';

interface PodLike {
  readonly automountServiceAccountToken: boolean;
  readonly enableServiceLinks: boolean;
  readonly terminationGracePeriodSeconds: number;
  readonly serviceAccountName: string;
  readonly securityContext: object;
  readonly containers: readonly {
    readonly name: string;
    readonly securityContext: object;
    readonly volumeMounts?: readonly object[];
    readonly lifecycle?: object;
    readonly resources: object;
  }[];
  readonly initContainers?: PodLike['containers'];
  readonly volumes?: readonly { readonly name: string }[];
  readonly topologySpreadConstraints?: readonly { readonly topologyKey: string }[];
}
interface WorkloadSpec {
  readonly replicas?: number;
  readonly template: { readonly metadata: { readonly annotations: Record<string, string> }; readonly spec: PodLike };
}

const specOf = (fields: Parameters<typeof app>[0] = {}, kind = 'Deployment') =>
  objectIn(objectsOf([app(fields)]), kind).spec as WorkloadSpec;
const podOf = (fields: Parameters<typeof app>[0] = {}) => specOf(fields).template.spec;
const kindsOf = (fields: Parameters<typeof app>[0] = {}) =>
  compiled([app(fields)])
    .groups.find(({ name }) => name === 'shop/cart')
    ?.objects.map(({ kind }) => kind);

test('an app with a port has an identity, a policy, a Service, a workload and a budget', () => {
  expect(kindsOf()).toEqual(['ServiceAccount', 'NetworkPolicy', 'Service', 'Deployment', 'PodDisruptionBudget']);
});

test('every container keeps Pod Security restricted in full, side containers too', () => {
  const container = { name: 'helper', image: 'example/helper:1.0' };
  const pod = podOf({ initContainers: [container], sidecars: [{ ...container, name: 'side' }] });
  expect(pod.securityContext).toMatchObject({
    runAsNonRoot: true,
    runAsUser: 65_532,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  for (const each of [...pod.containers, ...(pod.initContainers ?? [])])
    expect(each.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    });
});

test('a pod has no API token and no service variables', () => {
  const pod = podOf();
  expect([pod.automountServiceAccountToken, pod.enableServiceLinks, pod.serviceAccountName]).toEqual([
    false,
    false,
    'cart',
  ]);
  const asked = { serviceAccount: { name: 'cart-reader', mountToken: 'reads its own ConfigMaps' } };
  expect(podOf(asked)).toMatchObject({ automountServiceAccountToken: true, serviceAccountName: 'cart-reader' });
  expect(kindsOf(asked)).not.toContain('ServiceAccount');
  expect(objectIn(objectsOf([app(asked)]), 'Deployment').metadata.annotations).toMatchObject({
    [annotation.mountTokenReason]: 'reads its own ConfigMaps',
  });
});

test('a read-only root file system comes with bounded scratch space; a writable one needs none', () => {
  expect(podOf().volumes).toEqual([{ name: 'edgeplane-tmp', emptyDir: { sizeLimit: '64Mi' } }]);
  expect(podOf().containers[0]?.volumeMounts).toEqual([{ name: 'edgeplane-tmp', mountPath: '/tmp' }]);
  const writable = podOf({ security: { writableRootFilesystem: 'writes its cache beside its code' } });
  expect(writable.volumes).toBeUndefined();
});

test('a volume of the author’s at /tmp takes the place of the scratch space', () => {
  const pod = podOf({ volumes: { big: { empty: { sizeLimit: '2Gi' } } }, mounts: { '/tmp': 'big' } });
  expect(pod.containers[0]?.volumeMounts).toEqual([{ name: 'big', mountPath: '/tmp' }]);
});

test('a pod serves while the edges forget it, then drains: the grace period is the sum', () => {
  const pod = podOf({ rollout: { drain: '45s' } });
  expect(pod.terminationGracePeriodSeconds).toBe(50);
  expect(pod.containers[0]?.lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
  const worker = { ports: {}, probes: { readiness: { none: 'takes no requests' } } } as const;
  expect(podOf(worker).containers[0]?.lifecycle).toBeUndefined();
  expect(podOf(worker).terminationGracePeriodSeconds).toBe(30);
});

test('requests have limits; memory and disk are never overcommitted', () => {
  expect(podOf({ resources: { cpu: '200m', memory: '1Gi' } }).containers[0]?.resources).toEqual({
    requests: { cpu: '200m', memory: '1Gi', 'ephemeral-storage': '128Mi' },
    limits: { cpu: '2000m', memory: '1Gi', 'ephemeral-storage': '128Mi' },
  });
  expect(podOf({ resources: { cpuLimit: 'none' } }).containers[0]?.resources).toMatchObject({
    limits: { memory: '128Mi' },
  });
});

test('an autoscaler owns the number of pods alone', () => {
  const objects = objectsOf([app({ autoscale: { min: 2, max: 9 } })]);
  expect(objectIn(objects, 'Deployment').spec).not.toHaveProperty('replicas');
  expect(objectIn(objects, 'HorizontalPodAutoscaler').spec).toMatchObject({
    scaleTargetRef: { kind: 'Deployment', name: 'cart' },
    minReplicas: 2,
    maxReplicas: 9,
    metrics: [{ resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
  });
});

test('one replica has no budget, so that its node can be drained', () => {
  expect(kindsOf({ replicas: 1 })).not.toContain('PodDisruptionBudget');
  expect(objectIn(objectsOf([app({ replicas: 3 })]), 'PodDisruptionBudget').spec).toEqual({
    maxUnavailable: 1,
    selector: { matchLabels: { [appNameLabel]: 'cart' } },
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
  });
});

test('a DaemonSet replaces one pod a node at a time, without surge, spread or budget', () => {
  const objects = objectsOf([app({ workload: 'DaemonSet' })]);
  const daemon = objectIn(objects, 'DaemonSet').spec as WorkloadSpec;
  expect(daemon).toMatchObject({
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  });
  expect(daemon.template.spec.topologySpreadConstraints).toBeUndefined();
  expect(kindsOf({ workload: 'DaemonSet' })).not.toContain('PodDisruptionBudget');
  const surging = planOf([app({ workload: 'DaemonSet', rollout: { maxSurge: 1 } })]).apps[0]?.workload?.rollout;
  expect(surging).toMatchObject({ maxSurge: 1, maxUnavailable: 0 });
});

test('pods are spread over hosts and zones unless the app says otherwise', () => {
  const keys = (spread: 'hosts' | 'zones' | 'none' | undefined) =>
    podOf(spread === undefined ? {} : { placement: { spread } }).topologySpreadConstraints?.map(
      ({ topologyKey }) => topologyKey,
    );
  expect(keys(undefined)).toEqual(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']);
  expect(keys('zones')).toEqual(['topology.kubernetes.io/zone']);
  expect(keys('none')).toBeUndefined();
});

test('a change of a file rolls the pods, a change of nothing does not', () => {
  const hash = (content: string) =>
    specOf({ files: { '/etc/cart/app.conf': { content } } }).template.metadata.annotations[annotation.filesHash];
  expect(hash('a')).toBe(hash('a'));
  expect(hash('a')).not.toBe(hash('b'));
});

test('files of the author’s share a ConfigMap, each mounted at its path', () => {
  const objects = objectsOf([
    app({
      files: {
        '/etc/a.conf': { content: 'a=1\n' },
        '/etc/b/a.conf': { content: 'b=1\n' },
        '/etc/key': { secret: { name: 'tls', key: 'tls.key' } },
      },
    }),
  ]);
  const config = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.namespace === 'shop');
  expect(Object.values(config?.data as object)).toEqual(['a=1\n', 'b=1\n']);
  const pod = (objectIn(objects, 'Deployment').spec as WorkloadSpec).template.spec;
  expect(pod.containers[0]?.volumeMounts).toHaveLength(4);
  const [first, second] = Object.keys(config?.data as object);
  expect(pod.containers[0]?.volumeMounts).toEqual(
    expect.arrayContaining([
      { name: 'edgeplane-files', mountPath: '/etc/a.conf', subPath: first, readOnly: true },
      { name: 'edgeplane-files', mountPath: '/etc/b/a.conf', subPath: second, readOnly: true },
      expect.objectContaining({ mountPath: '/etc/key', subPath: 'tls.key', readOnly: true }),
    ]),
  );
});

test('an environment variable is literal text, from a key, or from the pod', () => {
  const env = { B: '$(A) costs $5', A: { secret: { name: 'db', key: 'url' } }, C: { field: 'status.podIP' } } as const;
  const [container] = podOf({ env }).containers;
  expect((container as { readonly env?: unknown } | undefined)?.env).toEqual([
    { name: 'A', valueFrom: { secretKeyRef: { name: 'db', key: 'url' } } },
    { name: 'B', value: '$$(A) costs $5' },
    { name: 'C', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
  ]);
});

test('a Service keeps the client’s address where it is reached from outside', () => {
  const service = (fields: object) => objectIn(objectsOf([app({ service: fields })]), 'Service').spec;
  expect(service({ type: 'LoadBalancer' })).toMatchObject({ type: 'LoadBalancer', externalTrafficPolicy: 'Local' });
  expect(service({ type: 'Headless' })).toMatchObject({
    clusterIP: 'None',
    ports: [{ name: 'http', port: 8080, targetPort: 'http' }],
  });
  expect(service({ sessionAffinity: 'ClientIP' })).toMatchObject({ type: 'ClusterIP', sessionAffinity: 'ClientIP' });
});

test('objects of an app carry its name, its owner and its environment; its Service why it is open', () => {
  const objects = objectsOf([app({ owner: 'team-shop', routes: [{ hosts: ['a.example.org'], protection: open }] })]);
  expect(objectIn(objects, 'Service').metadata).toMatchObject({
    labels: { 'app.kubernetes.io/name': 'cart', 'app.kubernetes.io/managed-by': 'edgeplane' },
    annotations: {
      [annotation.environment]: 'test',
      [annotation.owner]: 'team-shop',
      [annotation.openReason]: 'public pages',
    },
  });
});

test('the namespaces of apps are platform and enforce restricted', () => {
  const platform = compiled([app(), app({ name: 'b', namespace: 'default' })]).groups.find(
    ({ kind }) => kind === 'platform',
  );
  const namespaces = platform?.objects.filter(
    ({ kind, metadata }) => kind === 'Namespace' && metadata.name !== 'edgeplane-edge',
  );
  expect(
    namespaces?.map(({ metadata }) => [metadata.name, metadata.labels?.['pod-security.kubernetes.io/enforce']]),
  ).toEqual([['shop', 'restricted']]);
});

test('an image is replaced where the environment names exactly that reference', () => {
  const images = { 'example/cart:1.4.2': 'mirror.example.org/cart:1.4.2' };
  expect(planOf([app()], { images }).apps[0]?.workload?.containers[0]?.image).toBe('mirror.example.org/cart:1.4.2');
  expect(planOf([app({ image: 'example/cart:1.4.3' })], { images }).apps[0]?.workload?.containers[0]?.image).toBe(
    'example/cart:1.4.3',
  );
});
