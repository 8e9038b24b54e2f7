/** Who publishes: no two publishers of one Consul have the same. Nobody else's registrations are ever changed. */
export interface Owner {
  /** Names the Kubernetes cluster: lower-case letters, digits and dashes, at most 40. */
  readonly cluster: string;
  /** The one namespace that is published; null for all of the cluster. */
  readonly namespace: string | null;
}

/** Which address of a node its instances have. `externalFirst` takes the internal one where there is no other. */
export type AddressRule = 'internal' | 'external' | 'externalFirst';

/** What is published, and as what. */
export interface Settings {
  readonly owner: Owner;
  readonly addresses: AddressRule;
  /** The Consul name of a Service: its own, or followed by a dash and its namespace. */
  readonly naming: 'service' | 'serviceNamespace';
  /** Labels of Traefik 1: said in those of Traefik 3, left as they are, or both. */
  readonly v1: 'translate' | 'verbatim' | 'both';
  /** Services without annotations get `<Consul name>.<domain>`; null publishes none of them. */
  readonly defaultDomain: string | null;
  /** Whether cordoned nodes are still sent requests. They are when every node is cordoned. */
  readonly cordoned: 'drop' | 'serve';
  /** Namespaces that are published; `*` is all of them. `except` counts for more. */
  readonly namespaces: readonly string[];
  readonly except: readonly string[];
}

/** A Service as far as the catalog cares. */
export interface ServiceView {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** RFC 3339: the older of two keeps what both claim. */
  readonly created: string;
  readonly type: string;
  /** Requests reach pods of the node alone that they arrive at. */
  readonly local: boolean;
  readonly ports: readonly PortView[];
  /** Those that the publisher reads. */
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PortView {
  readonly name: string;
  readonly port: number;
  /** 0 where there is none. */
  readonly nodePort: number;
  readonly protocol: string;
}

export interface NodeView {
  readonly name: string;
  readonly internal: string | null;
  readonly external: string | null;
  /** null while kube-proxy there may be sent requests, else why not. */
  readonly unready: string | null;
  readonly cordoned: boolean;
  /** Labelled as no target of load balancers. */
  readonly excluded: boolean;
}

/** How the endpoints of a Service on one node stand, the best of them. */
export type EndpointState = 'ready' | 'serving' | 'down';

/** One EndpointSlice: the state on each node, by its name; the empty name where an endpoint tells none. */
export interface SliceView {
  readonly namespace: string;
  readonly service: string;
  readonly nodes: Readonly<Record<string, EndpointState>>;
}

/** Everything that is known of the cluster. */
export interface ClusterState {
  readonly services: ReadonlyMap<string, ServiceView>;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly slices: ReadonlyMap<string, SliceView>;
}

/** What a check of Consul says. */
export interface CheckState {
  readonly status: 'passing' | 'critical';
  readonly output: string;
}

/** One instance of a Consul service: a Service on a node. */
export interface Registration {
  /** `<Service>-<address>:<nodePort>`. */
  readonly id: string;
  /** The Consul name. */
  readonly service: string;
  /** The Consul node. */
  readonly node: string;
  readonly address: string;
  readonly port: number;
  /** Sorted, and the same on each instance of the Service. */
  readonly tags: readonly string[];
  readonly meta: Readonly<Record<string, string>>;
  readonly check: CheckState;
  /** The Service it is of. */
  readonly source: ServiceReference;
}

/** A node of Consul that stands for one of Kubernetes: no agent runs for it, so no agent takes its services off. */
export interface CatalogNode {
  readonly name: string;
  /** UUID: Traefik tells instances on different nodes apart by it. */
  readonly id: string;
  readonly address: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly check: CheckState;
}

export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Something about a Service that its author is told in an Event. */
export interface Notice {
  readonly service: ServiceReference;
  /** In one word, as `NameTaken`. */
  readonly reason: string;
  /** Where, what was found, what was expected, how to mend it. */
  readonly note: string;
}

/** What Consul is to say of this cluster. */
export interface Desired {
  /** By name. */
  readonly nodes: ReadonlyMap<string, CatalogNode>;
  /** By {@link instanceKey}. */
  readonly registrations: ReadonlyMap<string, Registration>;
  /** Services that are not published though they ask for it. */
  readonly refused: readonly Notice[];
  /** Services that are published, not quite as written. */
  readonly warnings: readonly Notice[];
}

/** Ids are unique on a node of Consul only. */
export function instanceKey({ node, id }: { readonly node: string; readonly id: string }): string {
  return `${node}\n${id}`;
}

/** `namespace/name`. */
export function fullName({ namespace, name }: Pick<ServiceReference, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}
