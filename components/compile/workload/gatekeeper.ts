import type { Deployment } from 'kubernetes-types/apps/v1';
import type { PodSpec, Service, ServiceAccount, Volume } from 'kubernetes-types/core/v1';
import type { NetworkPolicy } from 'kubernetes-types/networking/v1';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1';
import { defaults } from '../defaults.ts';
import { gatekeeperName, gatekeeperPort, gatekeeperSecretsFolder } from '../gatekeeper.ts';
import { appNameLabel, environmentAnnotations, platformLabels } from '../metadata.ts';
import { nameOf } from '../names.ts';
import { ordered } from '../order.ts';
import type { KubeObject, ObjectGroup } from '../output.ts';
import type { EnvironmentPlan, Plan } from '../plan.ts';
import { restrictedContainer } from './container.ts';
import { edgePeer } from './network-policy.ts';
import { restrictedPod, spreadConstraints } from './pod.ts';

/** Secrets by name, each with the keys that routes ask for. */
type Secrets = ReadonlyMap<string, ReadonlySet<string>>;

const healthPort = 8081;
/** Two, so that a drained node does not answer 503 for every key in the namespace. */
const replicas = 2;
/** The drain of the gatekeeper itself, and room for the answer under way. */
const gracePeriodSeconds = 20;

/**
 * One group for each namespace with a route that asks for a routing key. It is part of the platform: apps share it, and
 * destroying one of them must not take the others' keys away.
 */
export function gatekeeperGroups({ environment, routes }: Plan): readonly ObjectGroup[] {
  const namespaces = new Map<string, Map<string, Set<string>>>();
  for (const { namespace, protection } of routes) {
    if (protection.kind !== 'apiKey' && protection.kind !== 'bearer') continue;
    const secrets = namespaces.get(namespace) ?? new Map<string, Set<string>>();
    namespaces.set(namespace, secrets);
    secrets.set(protection.secret, (secrets.get(protection.secret) ?? new Set()).add(protection.key));
  }
  return [...namespaces.keys()].toSorted().map((namespace) => ({
    kind: 'platform',
    name: `${namespace}/${gatekeeperName}`,
    objects: ordered(gatekeeperObjects(environment, namespace, namespaces.get(namespace) ?? new Map())),
  }));
}

function gatekeeperObjects(environment: EnvironmentPlan, namespace: string, secrets: Secrets): readonly KubeObject[] {
  const metadata = {
    name: gatekeeperName,
    namespace,
    labels: platformLabels(gatekeeperName),
    annotations: environmentAnnotations(environment),
  };
  const matchLabels = { [appNameLabel]: gatekeeperName };
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata,
    automountServiceAccountToken: false,
  } satisfies ServiceAccount;
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      type: 'ClusterIP',
      selector: matchLabels,
      ports: [{ name: 'http', port: gatekeeperPort, protocol: 'TCP', targetPort: 'http' }],
    },
  } satisfies Service;
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: { maxUnavailable: 1, selector: { matchLabels }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  } satisfies PodDisruptionBudget;
  const policies = environment.networkPolicy ? [gatekeeperPolicy(environment, metadata)] : [];
  return [account, service, gatekeeperDeployment(environment, metadata, secrets), budget, ...policies];
}

/** Only the edge may ask; the gatekeeper itself calls nobody, not even DNS. */
function gatekeeperPolicy(
  environment: EnvironmentPlan,
  metadata: NonNullable<NetworkPolicy['metadata']> & { name: string },
) {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: { matchLabels: { [appNameLabel]: gatekeeperName } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [edgePeer(environment)], ports: [{ protocol: 'TCP', port: gatekeeperPort }] }],
      // No `egress`, as none is allowed: an empty list servers drop, and so see a change at each apply.
    },
  } satisfies NetworkPolicy;
}

function gatekeeperDeployment(
  environment: EnvironmentPlan,
  metadata: KubeObject['metadata'],
  secrets: Secrets,
): KubeObject {
  const { name, labels, annotations } = metadata;
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      labels: { ...labels },
      annotations: { ...annotations },
    },
    spec: {
      replicas,
      progressDeadlineSeconds: defaults.workload.progressDeadlineSeconds,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: { [appNameLabel]: gatekeeperName } },
      template: {
        metadata: { labels: { ...labels }, annotations: { ...annotations } },
        spec: gatekeeperPod(environment, secrets),
      },
      revisionHistoryLimit: 3,
    },
  } satisfies Deployment;
  return object;
}

function gatekeeperPod(environment: EnvironmentPlan, secrets: Secrets): PodSpec {
  const names = [...secrets.keys()].toSorted();
  const volumes = names.map((secret) => secretVolume(secret, secrets.get(secret) ?? new Set()));
  return {
    automountServiceAccountToken: false,
    containers: [
      {
        name: 'gatekeeper',
        image: environment.gatekeeperImage,
        imagePullPolicy: 'IfNotPresent',
        args: [`--port=${gatekeeperPort}`, `--health-port=${healthPort}`, `--secrets-dir=${gatekeeperSecretsFolder}`],
        ports: [
          { name: 'http', containerPort: gatekeeperPort, protocol: 'TCP' },
          { name: 'health', containerPort: healthPort, protocol: 'TCP' },
        ],
        startupProbe: { ...probeOf('/healthz', 1), failureThreshold: 60 },
        readinessProbe: probeOf('/readyz', 2),
        livenessProbe: probeOf('/healthz', 10),
        resources: {
          requests: { cpu: '50m', memory: '48Mi', 'ephemeral-storage': '16Mi' },
          limits: { cpu: '1000m', memory: '128Mi', 'ephemeral-storage': '16Mi' },
        },
        securityContext: restrictedContainer({ readOnlyRoot: true, bindLowPorts: false }),
        volumeMounts: names.map((secret) => ({
          name: volumeName(secret),
          mountPath: `${gatekeeperSecretsFolder}/${secret}`,
          readOnly: true,
        })),
      },
    ],
    enableServiceLinks: false,
    securityContext: restrictedPod(defaults.workload.runAsUser, defaults.workload.runAsUser),
    serviceAccountName: gatekeeperName,
    terminationGracePeriodSeconds: gracePeriodSeconds,
    topologySpreadConstraints: spreadConstraints(gatekeeperName, 'both'),
    volumes,
  };
}

function probeOf(path: string, periodSeconds: number) {
  return { httpGet: { path, port: healthPort }, periodSeconds, timeoutSeconds: 2, failureThreshold: 3 };
}

function volumeName(secret: string): string {
  return nameOf(['secret', secret]);
}

/** Only the keys that are asked for, current and previous. The pod runs without the Secret, and answers 503. */
function secretVolume(secretName: string, keys: ReadonlySet<string>): Volume {
  const files = [...keys].toSorted().flatMap((key) => [key, `${key}-previous`, `${key}-previous-until`]);
  return {
    name: volumeName(secretName),
    secret: {
      secretName,
      defaultMode: 0o440,
      items: files.map((key) => ({ key, path: key })),
      optional: true,
    },
  };
}
