/** Where traffic to one port of a Service goes, in the words of a TCP load balancer. */
export interface Frontend {
  /** `namespace.service.port`; unique. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** CIDRs that may connect; empty means everybody. */
  readonly sources: readonly string[];
  readonly clientAddress: ClientAddress;
  /** Whether one client stays on one node. */
  readonly sticky: boolean;
  /** The port of a node that answers `GET /healthz` with 200 while it takes this traffic. */
  readonly healthPort: number;
  readonly servers: readonly Server[];
}

/** A node's port. */
export interface Server {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/**
 * How a backend learns who connects. `preserved`: the connection to the node has the client's own address as its
 * source. It stays so up to the pod with `externalTrafficPolicy: Local`; with `Cluster`, kube-proxy replaces it by
 * a node's. `proxyProtocol`: the connection starts with a PROXY protocol v2 header, which the pod must expect.
 */
export type ClientAddress = 'preserved' | 'proxyProtocol';

/** The annotations and the class this load balancer reads. */
export const annotations = {
  /** `preserved` (default) or `proxyProtocol`. */
  clientAddress: 'edgeplane.dev/client-address',
  /** A static address out of the pool; `spec.loadBalancerIP` means the same. */
  address: 'edgeplane.dev/address',
} as const;

/** Services that name another class are somebody else's. */
export const loadBalancerClass = 'edgeplane.dev/load-balancer';

/** A Service as this load balancer sees it. */
export interface BalancedService {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** ISO time; the older of two that want one address gets it. */
  readonly createdAt: string;
  /** Whether it is to have an address: type LoadBalancer, our class or none, and not being deleted. */
  readonly wanted: boolean;
  /** Whether its class is ours or unset, whatever its type: only then its status may be touched. */
  readonly ours: boolean;
  readonly requestedAddress: string | undefined;
  readonly ingress: readonly IngressAddress[];
  readonly ports: readonly BalancedPort[];
  readonly local: boolean;
  readonly healthCheckNodePort: number | undefined;
  readonly sources: readonly string[];
  readonly sticky: boolean;
  /** What the annotation says, not yet judged. */
  readonly clientAddress: string;
}

/** One port of a Service. */
export interface BalancedPort {
  readonly protocol: string;
  readonly port: number;
  readonly nodePort: number | undefined;
}

/** One entry of `status.loadBalancer.ingress`. */
export interface IngressAddress {
  readonly ip: string | undefined;
  readonly ipMode: string | undefined;
}

/** A node as this load balancer sees it. */
export interface BalancedNode {
  readonly name: string;
  readonly address: string;
  readonly ready: boolean;
  /** Being deleted, or labelled `node.kubernetes.io/exclude-from-external-load-balancers`. */
  readonly excluded: boolean;
}

/** `namespace/name`. */
export const serviceKey = (service: Pick<BalancedService, 'namespace' | 'name'>): string =>
  `${service.namespace}/${service.name}`;
