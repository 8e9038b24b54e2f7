import type { SharedCluster } from '../cluster.ts';
import { eventually, type Kubectl } from '../kubectl.ts';

/** What a Deployment of echo pods is to have beside the usual. */
interface Differences {
  readonly replicas?: number;
  readonly strategy?: object;
  /** Fields of the pod's spec. */
  readonly pod?: object;
  /** Fields of the container that answers plainly. */
  readonly plain?: object;
}

const container = (name: string, args: readonly string[], health: number) => ({
  name,
  image: 'edgeplane.local/echo:local',
  imagePullPolicy: 'IfNotPresent',
  args,
  readinessProbe: { httpGet: { path: '/healthz', port: health }, periodSeconds: 1 },
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
});

/** Pods of the echo image: they answer plainly on 8080 and, behind a PROXY header only, on 8090. */
export function echoDeployment(namespace: string, name: string, differences: Differences = {}): object {
  const { pod = {}, plain = {}, ...spec } = differences;
  const labels = { app: name };
  const containers = [
    { ...container('plain', [], 8081), ...plain },
    container('proxied', ['-accept-proxy', '-listen=:8090', '-health=:8091'], 8091),
  ];
  const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { securityContext, terminationGracePeriodSeconds: 10, containers, ...pod },
      },
      ...spec,
    },
  };
}

/** A Service of type LoadBalancer in front of the plain port. */
export function balanced(namespace: string, name: string, app: string, spec: object = {}, annotations: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, annotations },
    spec: { type: 'LoadBalancer', selector: { app }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
  };
}

interface Status {
  readonly status: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip: string; readonly ipMode: string }[] };
  };
}

/** What the status of a Service says. */
export async function ingressOf(kubectl: Kubectl, namespace: string, name: string) {
  const service = (await kubectl.json('-n', namespace, 'get', 'service', name)) as Status;
  return service.status.loadBalancer?.ingress ?? [];
}

/** The address of a Service, once it has one. */
export async function addressOf(kubectl: Kubectl, namespace: string, name: string): Promise<string> {
  const ingress = await eventually(
    () => ingressOf(kubectl, namespace, name),
    (found) => found.length > 0,
  );
  return ingress[0]?.ip ?? '';
}

/**
 * The node that forwarded a connection under policy Cluster, by the source address that kube-proxy gave it: the node's
 * own, or, where the pod is on the same node, that of the pod's gateway.
 */
export function forwarder({ topology }: Pick<SharedCluster, 'topology'>, source: string | undefined): string {
  const gateway = (podCidr: string) => podCidr.replace(/0\/\d+$/, '1');
  const found = topology.nodes.find((node) => source === node.address || source === gateway(node.podCidr));
  return found?.name ?? `none (${source})`;
}

/** The address of a node of the cluster by its name. */
export function nodeAddress({ topology }: Pick<SharedCluster, 'topology'>, name: string): string {
  return topology.nodes.find((node) => node.name === name)?.address ?? '';
}
