import type { KubeObject } from '../../loop/source.ts';
import type { Target } from '../routing-table.ts';
import { type Address, type BackendFacts, readAddresses } from './ingress.ts';

/** As much of a Service as leads to it. */
export interface ServiceFacts {
  readonly type: string;
  /** `None` for a headless one, empty for a name of something outside. */
  readonly clusterIP: string;
  readonly ports: readonly { readonly name: string; readonly port: number }[];
  /** What its status says, of a load balancer. */
  readonly addresses: readonly Address[];
}

interface ServiceObject {
  readonly spec?: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[];
  };
  readonly status?: Parameters<typeof readAddresses>[0];
}

/** The facts of a Service as the API server shows it; only its TCP ports. */
export function readService(object: KubeObject): ServiceFacts {
  const { spec = {}, status } = object as KubeObject & ServiceObject;
  const tcp = (spec.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  return {
    type: spec.type ?? 'ClusterIP',
    clusterIP: spec.clusterIP ?? '',
    ports: tcp.map(({ name = '', port = 0 }) => ({ name, port })),
    addresses: readAddresses(status),
  };
}

/** The pods behind one Service that serve, by the name of the Service's port. */
export interface SliceFacts {
  readonly service: string;
  readonly namespace: string;
  /** Ready and not ending, sorted. */
  readonly addresses: readonly string[];
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

interface SliceObject {
  readonly addressType?: string;
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[];
    readonly conditions?: { readonly ready?: boolean; readonly terminating?: boolean };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number; readonly protocol?: string }[];
}

/** The facts of an EndpointSlice; null for one of names instead of addresses, or of no Service. */
export function readSlice(object: KubeObject): SliceFacts | null {
  const { namespace = '', labels = {} } = object.metadata;
  const { addressType, endpoints, ports } = object as KubeObject & SliceObject;
  const service = labels['kubernetes.io/service-name'];
  if (service === undefined || (addressType !== 'IPv4' && addressType !== 'IPv6')) return null;
  const serving = (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false && !conditions?.terminating);
  const tcp = (ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  return {
    service,
    namespace,
    addresses: serving.flatMap(({ addresses = [] }) => addresses.slice(0, 1)).toSorted(),
    ports: tcp.map(({ name = '', port = 0 }) => ({ name, port })),
  };
}

/** Where a backend is, or why it is nowhere; `fault` null: everything is right, but nothing of it serves now. */
export type Resolved =
  | { readonly ok: true; readonly targets: readonly Target[] }
  | { readonly ok: false; readonly fault: string | null };

/** Finds what Services lead to. */
export interface Directory {
  /**
   * @param pods whether the pods themselves are wanted, as for a client that is kept with one.
   */
  readonly resolve: (namespace: string, backend: BackendFacts, pods: boolean) => Resolved;
}

/** A directory over all Services and EndpointSlices. */
export function createDirectory(
  services: ReadonlyMap<string, ServiceFacts>,
  slices: ReadonlyMap<string, SliceFacts>,
): Directory {
  const slicesOf = new Map<string, SliceFacts[]>();
  for (const slice of slices.values()) {
    const key = `${slice.namespace}/${slice.service}`;
    const own = slicesOf.get(key);
    if (own === undefined) slicesOf.set(key, [slice]);
    else own.push(slice);
  }
  return {
    resolve(namespace, backend, pods) {
      if (backend === null)
        return { ok: false, fault: 'found a backend that is no Service, expected one of its ports' };
      const key = `${namespace}/${backend.service}`;
      const service = services.get(key);
      if (service === undefined) return { ok: false, fault: `found no Service ${key}, expected the one that is named` };
      if (service.type === 'ExternalName')
        return { ok: false, fault: `found Service ${key} of type ExternalName, expected one with pods in the cluster` };
      const port = portOf(service, backend.port);
      if (port === undefined)
        return {
          ok: false,
          fault: `found no TCP port ${backend.port} on Service ${key}, expected ${shownPorts(service)}`,
        };
      const ready = (slicesOf.get(key) ?? []).flatMap((slice) => readyTargets(slice, port.name));
      if (ready.length === 0) return { ok: false, fault: null };
      const headless = service.clusterIP === 'None' || service.clusterIP === '';
      return { ok: true, targets: pods || headless ? ready : [{ address: service.clusterIP, port: port.port }] };
    },
  };
}

function portOf({ ports }: ServiceFacts, wanted: number | string) {
  return ports.find(({ name, port }) => (typeof wanted === 'number' ? port === wanted : name === wanted));
}

function shownPorts({ ports }: ServiceFacts): string {
  return ports.map(({ name, port }) => (name === '' ? `${port}` : `${port} (${name})`)).join(', ') || 'one with ports';
}

function readyTargets({ addresses, ports }: SliceFacts, name: string): readonly Target[] {
  const port = ports.find((found) => found.name === name)?.port;
  return port === undefined ? [] : addresses.map((address) => ({ address, port }));
}
