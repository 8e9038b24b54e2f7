import type { ClusterPaths } from './cluster.ts';
import { connect, type KubeApi } from './kube.ts';
import { type DaemonState, daemonStates, startedAtMs } from './process.ts';
import { isReady } from './readiness.ts';
import { readRecord } from './record.ts';
import { layOut } from './topology.ts';

/** One node as `status` shows it. */
export interface NodeStatus {
  readonly name: string;
  readonly role: 'edge' | 'worker';
  readonly address: string;
  readonly ready: boolean;
}

/** A Service of type LoadBalancer. */
export interface ServiceStatus {
  readonly namespace: string;
  readonly name: string;
  /** `undefined` while it waits for one. */
  readonly address: string | undefined;
  /** As `443/TCP`. */
  readonly ports: readonly string[];
}

/** Everything `status` shows. */
export interface ClusterStatus {
  readonly name: string;
  readonly kubeconfig: string;
  readonly server: string;
  /** Every component runs, the API server answers and every node is ready. */
  readonly healthy: boolean;
  readonly components: readonly DaemonState[];
  readonly nodes: readonly NodeStatus[];
  readonly services: readonly ServiceStatus[];
}

interface ServiceList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec: {
      readonly type?: string;
      readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
    };
    readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
  }[];
}

async function loadBalancers(api: KubeApi): Promise<readonly ServiceStatus[]> {
  const list = (await api.get('/api/v1/services')) as ServiceList;
  return list.items
    .filter(({ spec }) => spec.type === 'LoadBalancer')
    .map(({ metadata, spec, status }) => ({
      namespace: metadata.namespace,
      name: metadata.name,
      address: status?.loadBalancer?.ingress?.[0]?.ip,
      ports: (spec.ports ?? []).map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`),
    }));
}

/** Looks at a cluster and changes nothing; gives nothing when there is none. An API server that is down is no error. */
export async function readStatus(paths: ClusterPaths): Promise<ClusterStatus | undefined> {
  const record = await readRecord(paths);
  if (!record) return undefined;
  const topology = layOut(record.shape, record.plan);
  const { shape, nodes, controlPlane } = topology;
  const components = await daemonStates(paths);
  const api = canAnswer(components) ? connectOrNothing(() => connect(topology, paths)) : undefined;
  const ready = (name: string) =>
    api ? isReady(api, name, startedAtMs(paths, `${name}.kubelet`)) : Promise.resolve(false);
  const nodeStates = nodes.map(async ({ name, role, address }) => ({ name, role, address, ready: await ready(name) }));
  const shown = await Promise.all(nodeStates);
  const services = api ? await loadBalancers(api).catch(() => []) : [];
  api?.close();
  return {
    name: shape.name,
    kubeconfig: paths.kubeconfig,
    server: `https://${controlPlane.address}:${controlPlane.apiPort}`,
    healthy: components.every(({ state }) => state === 'running') && shown.every((node) => node.ready),
    components,
    nodes: shown,
    services,
  };
}

/** Without its storage the API server keeps everybody waiting; what is known to be down is not asked. */
function canAnswer(components: readonly DaemonState[]): boolean {
  const running = components.filter(({ state }) => state === 'running').map(({ name }) => name);
  return ['etcd', 'kube-apiserver'].every((name) => running.includes(name));
}

/** A half-made cluster has no keys to connect with yet. */
function connectOrNothing(make: () => KubeApi): KubeApi | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
