import type { Deployment } from 'kubernetes-types/apps/v1';
import type { Container, PodSpec, Volume } from 'kubernetes-types/core/v1';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1';
import { defaults } from '../../defaults.ts';
import { appNameLabel, environmentAnnotations, platformLabels } from '../../metadata.ts';
import type { KubeObject, ObjectMeta } from '../../output.ts';
import type { CatalogPlan, EnvironmentPlan } from '../../plan.ts';
import { restrictedContainer } from '../../workload/container.ts';
import { restrictedPod, spreadConstraints } from '../../workload/pod.ts';

/** Name of the publisher's objects. */
const publisher = 'edgeplane-catalog';
const healthPort = 8080;
/** One writes, the other takes over: a lock in Consul says which. */
const replicas = 2;
const folder = { token: '/etc/edgeplane/consul', ca: '/etc/edgeplane/consul-ca' } as const;

/**
 * How Node is to keep its memory, in MiB. What is read at each change is soon thrown away: in a small space for what is
 * new, 2,000 Services on three nodes take 120 MiB at most instead of 190. The other limit ends a heap that grows without
 * end before the kernel does.
 */
export const publisherNodeOptions = '--max-semi-space-size=4 --max-old-space-size=176';

/** The program that publishes Services to Consul, in the namespace of the internal edge. */
export function publisherObjects(environment: EnvironmentPlan): readonly KubeObject[] {
  const { catalog, networkPolicy } = environment;
  if (catalog === null) return [];
  const metadata = metaOf(environment);
  const selector = { matchLabels: { [appNameLabel]: publisher } };
  const budget = { maxUnavailable: 1, selector, unhealthyPodEvictionPolicy: 'AlwaysAllow' };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    ...accessObjects(environment),
    ...(networkPolicy ? [policy(metadata)] : []),
    deployment(catalog, metadata),
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec: budget } satisfies PodDisruptionBudget & {
      metadata: ObjectMeta;
    },
  ];
}

function metaOf(environment: EnvironmentPlan) {
  const annotations = { ...environmentAnnotations(environment) };
  return {
    name: publisher,
    namespace: environment.edgeNamespace,
    labels: { ...platformLabels(publisher) },
    annotations,
  };
}

/** It reads Services, nodes and endpoints, and writes nothing but events. */
function accessObjects({ edgeNamespace }: EnvironmentPlan): readonly KubeObject[] {
  const metadata = { name: publisher, labels: platformLabels(publisher) };
  const read = ['get', 'list', 'watch'];
  return [
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata,
      rules: [
        { apiGroups: [''], resources: ['nodes', 'services'], verbs: read },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
        // Its uid tells two clusters with one id apart.
        { apiGroups: [''], resources: ['namespaces'], resourceNames: ['kube-system'], verbs: ['get'] },
        { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: publisher },
      subjects: [{ kind: 'ServiceAccount', name: publisher, namespace: edgeNamespace }],
    },
  ];
}

/** Nobody calls it but who reads metrics from the edge's own namespace. */
function policy(metadata: ReturnType<typeof metaOf>): KubeObject {
  const spec = {
    podSelector: { matchLabels: { [appNameLabel]: publisher } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: {} }], ports: [{ protocol: 'TCP', port: healthPort }] }],
  };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec };
}

function deployment(catalog: CatalogPlan, metadata: ReturnType<typeof metaOf>): KubeObject {
  const { labels, annotations } = metadata;
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      replicas,
      progressDeadlineSeconds: defaults.workload.progressDeadlineSeconds,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: { [appNameLabel]: publisher } },
      template: { metadata: { labels, annotations }, spec: pod(catalog) },
      revisionHistoryLimit: 3,
    },
  } satisfies Deployment;
  return object;
}

function pod(catalog: CatalogPlan): PodSpec {
  const { runAsUser } = defaults.workload;
  return {
    automountServiceAccountToken: true,
    containers: [container(catalog)],
    enableServiceLinks: false,
    securityContext: restrictedPod(runAsUser, runAsUser),
    serviceAccountName: publisher,
    topologySpreadConstraints: spreadConstraints(publisher, 'both'),
    volumes: [
      secretVolume('consul', catalog.tokenSecret, 'publisher', 'token'),
      ...(catalog.caSecret === null ? [] : [secretVolume('consul-ca', catalog.caSecret, 'ca.crt', 'ca.crt')]),
    ],
  };
}

function container(catalog: CatalogPlan): Container {
  return {
    name: 'catalog',
    image: catalog.image,
    imagePullPolicy: 'IfNotPresent',
    args: [
      `--cluster-id=${catalog.cluster}`,
      `--consul=${catalog.scheme}://${catalog.consul}`,
      `--consul-token-file=${folder.token}/token`,
      ...(catalog.caSecret === null ? [] : [`--consul-ca-file=${folder.ca}/ca.crt`]),
      `--health-port=${healthPort}`,
    ],
    env: [{ name: 'NODE_OPTIONS', value: publisherNodeOptions }],
    ports: [{ name: 'health', containerPort: healthPort, protocol: 'TCP' }],
    startupProbe: { ...probe('/healthz', 1), failureThreshold: 60 },
    readinessProbe: probe('/readyz', 5),
    livenessProbe: probe('/healthz', 10),
    resources: {
      requests: { cpu: '50m', memory: '96Mi', 'ephemeral-storage': '16Mi' },
      limits: { cpu: '1000m', memory: '256Mi', 'ephemeral-storage': '16Mi' },
    },
    securityContext: restrictedContainer({ readOnlyRoot: true, bindLowPorts: false }),
    volumeMounts: [
      { name: 'consul', mountPath: folder.token, readOnly: true },
      ...(catalog.caSecret === null ? [] : [{ name: 'consul-ca', mountPath: folder.ca, readOnly: true }]),
    ],
  };
}

function probe(path: string, periodSeconds: number) {
  return { httpGet: { path, port: healthPort }, periodSeconds, timeoutSeconds: 2, failureThreshold: 3 };
}

function secretVolume(name: string, secretName: string, key: string, path: string): Volume {
  return { name, secret: { secretName, defaultMode: 0o440, items: [{ key, path }] } };
}
