import { sidecarPort } from '../../../../dialects/edge-sidecar.ts';
import { annotation, appNameLabel, edgePodLabels, platformLabels } from '../../../metadata.ts';
import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { restrictedContainer } from '../../../workload/container.ts';
import { edgeNameOf, entryPoint, entryPointPort, sidecarHealthPort } from '../names.ts';
import { clientPorts } from './client-ports.ts';
import { configurationHash, dynamicKey, staticKey } from './configuration.ts';
import { edgeImageOf } from './image.ts';
import { edgeMeta } from './meta.ts';
import { readyPath } from './readiness.ts';
import { consulFolder, dynamicFile, staticFile } from './static-configuration.ts';

/** Selects the edge's pods and nothing else; never changes, because selectors are immutable. */
export function edgeSelector(environment: EnvironmentPlan): Readonly<Record<string, string>> {
  return { [appNameLabel]: edgeNameOf(environment) };
}

/** Room for request bodies that a limit makes Traefik hold, beyond the mebibyte it keeps in memory for each. */
const bufferSpace = '2Gi';
/** After the drain, before the kubelet kills. */
const stopMarginSeconds = 10;

/** Traefik on every edge node. */
export function daemonSet(environment: EnvironmentPlan): KubeObject {
  const edgeName = edgeNameOf(environment);
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: edgeMeta(environment, edgeName, { [annotation.edgeNodes]: String(environment.edgeNodes.count) }),
    spec: {
      selector: { matchLabels: edgeSelector(environment) },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: rollout(environment) },
      minReadySeconds: 5,
      template: {
        metadata: {
          labels: { ...platformLabels(edgeName), ...edgePodLabels },
          annotations: {
            'edgeplane.dev/configuration-hash': configurationHash(environment),
            'prometheus.io/scrape': 'true',
            'prometheus.io/port': String(entryPointPort.admin),
          },
        },
        spec: podSpec(environment),
      },
    },
  };
}

/** On the pod network the new pod serves before the old one goes. A host port has room for one, so there is a gap. */
function rollout({ exposure }: EnvironmentPlan) {
  return exposure.kind === 'loadBalancer' ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 1 };
}

function podSpec(environment: EnvironmentPlan): Readonly<Record<string, unknown>> {
  const { label, taint } = environment.edgeNodes;
  const edgeName = edgeNameOf(environment);
  return {
    serviceAccountName: edgeName,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    priorityClassName: edgeName,
    terminationGracePeriodSeconds: environment.drainSeconds + stopMarginSeconds,
    nodeSelector: { [label.key]: label.value },
    tolerations: [{ key: taint.key, operator: 'Equal', value: taint.value, effect: taint.effect }],
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    initContainers: [sidecar(environment)],
    containers: [container(environment)],
    volumes: [
      ...consulVolumes(environment),
      { name: 'static', configMap: { name: edgeName, items: [{ key: staticKey, path: staticKey }] } },
      { name: 'dynamic', configMap: { name: edgeName, items: [{ key: dynamicKey, path: dynamicKey }] } },
      { name: 'buffers', emptyDir: { sizeLimit: bufferSpace } },
    ],
  };
}

function container(environment: EnvironmentPlan): Readonly<Record<string, unknown>> {
  const { cpu, memory } = environment.edgeResources;
  const probe = { httpGet: { path: readyPath, port: entryPoint.admin } };
  return {
    name: 'traefik',
    image: edgeImageOf(environment),
    imagePullPolicy: 'IfNotPresent',
    args: [`--configFile=${staticFile}`],
    ports: clientPorts(environment),
    startupProbe: { ...probe, periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 60 },
    // While it drains it answers 503 here, which takes it out of the load balancer; it is not to be restarted for that.
    readinessProbe: { ...probe, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 1 },
    livenessProbe: {
      tcpSocket: { port: entryPoint.admin },
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
    // No limit on CPU: throttled, the edge is slow for everyone.
    resources: {
      requests: { cpu, memory, 'ephemeral-storage': '256Mi' },
      limits: { memory, 'ephemeral-storage': bufferSpace },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
    ...(environment.catalog === null
      ? {}
      : { env: [{ name: 'CONSUL_HTTP_TOKEN_FILE', value: `${consulFolder.token}/token` }] }),
    volumeMounts: [
      ...consulMounts(environment),
      { name: 'static', mountPath: folderOf(staticFile), readOnly: true },
      { name: 'dynamic', mountPath: folderOf(dynamicFile), readOnly: true },
      { name: 'buffers', mountPath: '/tmp' },
    ],
  };
}

/**
 * The program that redirects and asks for forward auth. Always restarted and started first, so that it is there before
 * Traefik and, as the kubelet ends such containers last, until Traefik has answered everybody.
 */
function sidecar(environment: EnvironmentPlan): Readonly<Record<string, unknown>> {
  const probe = (path: string) => ({ httpGet: { path, port: sidecarHealthPort }, timeoutSeconds: 2 });
  return {
    name: 'sidecar',
    image: environment.gatekeeperImage,
    imagePullPolicy: 'IfNotPresent',
    restartPolicy: 'Always',
    args: ['sidecar', `--port=${sidecarPort}`, `--health-port=${sidecarHealthPort}`],
    ports: [{ name: 'sidecar', containerPort: sidecarHealthPort }],
    startupProbe: { ...probe('/healthz'), periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 6 },
    resources: {
      requests: { cpu: '50m', memory: '128Mi', 'ephemeral-storage': '16Mi' },
      limits: { memory: '256Mi', 'ephemeral-storage': '16Mi' },
    },
    securityContext: restrictedContainer({ readOnlyRoot: true, bindLowPorts: false }),
  };
}

/** The token by which the catalog is read, and the CA its server is held against. */
function consulVolumes({ catalog }: EnvironmentPlan): readonly Readonly<Record<string, unknown>>[] {
  if (catalog === null) return [];
  const token = { secretName: catalog.tokenSecret, defaultMode: 0o440, items: [{ key: 'edge', path: 'token' }] };
  const ca = { secretName: catalog.caSecret, defaultMode: 0o440, items: [{ key: 'ca.crt', path: 'ca.crt' }] };
  return [{ name: 'consul', secret: token }, ...(catalog.caSecret === null ? [] : [{ name: 'consul-ca', secret: ca }])];
}

function consulMounts({ catalog }: EnvironmentPlan): readonly Readonly<Record<string, unknown>>[] {
  if (catalog === null) return [];
  return [
    { name: 'consul', mountPath: consulFolder.token, readOnly: true },
    ...(catalog.caSecret === null ? [] : [{ name: 'consul-ca', mountPath: consulFolder.ca, readOnly: true }]),
  ];
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/'));
}
