/** What an embedded cluster is to look like: names and numbers, before any address is chosen. */
export interface ClusterShape {
  /** Names every namespace, link and folder of the cluster. Lower-case letters and digits, at most 8. */
  readonly name: string;
  readonly nodes: readonly NodeShape[];
}

/** One node and the pool it belongs to. */
export interface NodeShape {
  readonly name: string;
  readonly role: 'edge' | 'worker';
}

/** A taint in the form the kubelet registers: `key=value:effect`. */
export type Taint = `${string}=${string}:${string}`;

/** One machine of the cluster: a network namespace with one address on the inside network. */
export interface Place {
  readonly name: string;
  /** Name of its network namespace under /run/netns. */
  readonly netns: string;
  readonly address: string;
}

/** A machine that runs pods. */
export interface NodePlace extends Place {
  readonly role: 'edge' | 'worker';
  /** The /24 that this node's pods get their addresses from. */
  readonly podCidr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

/**
 * Every address of an embedded cluster, decided in one place.
 *
 * Two networks: *outside*, where this machine and test clients are, and *inside*, where the control plane and the
 * nodes are. The router stands between them as a cloud's network does: it is the firewall, the load balancer, and
 * the nodes' default gateway, which is what lets a proxied connection keep the client's address.
 */
export interface Topology {
  readonly shape: ClusterShape;
  /** The /16 that everything below is cut from, except the Service and pod ranges. */
  readonly base: string;
  readonly outside: {
    readonly cidr: string;
    /** This machine's address there. */
    readonly host: string;
    /** The machine's end of the link to the router. At most 15 bytes. */
    readonly hostLink: string;
    /** Addresses the load balancer may hand out, in order. */
    readonly loadBalancerPool: readonly string[];
  };
  readonly inside: { readonly cidr: string };
  readonly router: Place & { readonly outsideAddress: string };
  readonly controlPlane: Place & { readonly apiPort: number };
  readonly nodes: readonly NodePlace[];
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly kubernetesServiceAddress: string;
  readonly dnsAddress: string;
}

/** The edge contract of the local environment: what the kubelet of an edge node registers. */
export const edgeNodeLabel = { key: 'role', value: 'edge-router' } as const;
export const edgeNodeTaint: Taint = 'dedicated=edge-router:NoSchedule';

/** A shape with nodes `edge-1`, `edge-2`, …, `worker-1`, … in that order. */
export function shapeOf(name: string, edges: number, workers: number): ClusterShape {
  const pool = (role: NodeShape['role'], count: number) =>
    Array.from({ length: count }, (_, index): NodeShape => ({ name: `${role}-${index + 1}`, role }));
  return { name, nodes: [...pool('edge', edges), ...pool('worker', workers)] };
}

/** Two tainted edge nodes and two workers, as `production` has at least. */
export const defaultShape: ClusterShape = shapeOf('local', 2, 2);

/** What is wrong with a shape: its name becomes part of a link's name, which has 15 bytes at most. */
export function shapeProblems(shape: ClusterShape): readonly string[] {
  const names = shape.nodes.map((node) => node.name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return [
    ...(/^[a-z][a-z0-9]{0,7}$/.test(shape.name)
      ? []
      : [`name: found ${shape.name}, expected 1 to 8 lower-case letters and digits, a letter first`]),
    ...(shape.nodes.length >= 1 && shape.nodes.length <= 100
      ? []
      : [`nodes: found ${shape.nodes.length}, expected 1 to 100`]),
    ...(shape.nodes.some((node) => node.role === 'worker') ? [] : ['nodes: found no worker, expected at least one']),
    ...(twice.length === 0 ? [] : [`nodes: found the name ${[...new Set(twice)].join(', ')} more than once`]),
  ];
}

/** The address ranges one cluster occupies; preflight picks the first triple that is free on this machine. */
export interface AddressPlan {
  /** A /16, written as its first two bytes: `10.201`. Inside is `.1.0/24`, outside is `.2.0/24`. */
  readonly base: string;
  /** A /16 for pods: node n gets the n-th /24. */
  readonly pods: string;
  /** A /16 for Services. */
  readonly services: string;
}

/** In the order they are tried. */
export const addressPlans: readonly AddressPlan[] = Array.from({ length: 8 }, (_, i) => ({
  base: `10.${201 + i}`,
  pods: `10.${221 + i}`,
  services: `10.${241 + i}`,
}));

/** Lays a shape out over a choice of address ranges. Same input, same addresses. */
export function layOut(shape: ClusterShape, plan: AddressPlan): Topology {
  const inside = (host: number) => `${plan.base}.1.${host}`;
  const outside = (host: number) => `${plan.base}.2.${host}`;
  const netns = (name: string) => `edgeplane-${shape.name}-${name}`;
  return {
    shape,
    base: `${plan.base}.0.0/16`,
    outside: {
      cidr: `${plan.base}.2.0/24`,
      host: outside(1),
      hostLink: `ep-${shape.name}`,
      loadBalancerPool: Array.from({ length: 100 }, (_, i) => outside(100 + i)),
    },
    inside: { cidr: `${plan.base}.1.0/24` },
    router: { name: 'router', netns: netns('router'), address: inside(1), outsideAddress: outside(2) },
    controlPlane: { name: 'control', netns: netns('control'), address: inside(2), apiPort: 6443 },
    nodes: shape.nodes.map((node, index) => ({
      ...node,
      netns: netns(node.name),
      address: inside(11 + index),
      podCidr: `${plan.pods}.${index + 1}.0/24`,
      labels: node.role === 'edge' ? { [edgeNodeLabel.key]: edgeNodeLabel.value } : {},
      taints: node.role === 'edge' ? [edgeNodeTaint] : [],
    })),
    podCidr: `${plan.pods}.0.0/16`,
    serviceCidr: `${plan.services}.0.0/16`,
    kubernetesServiceAddress: `${plan.services}.0.1`,
    dnsAddress: `${plan.services}.0.10`,
  };
}
