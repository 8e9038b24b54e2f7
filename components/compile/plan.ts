/**
 * The Plan: the model with every default filled in and every reference resolved. It has no optional fields, so that no
 * edge has an opinion about what silence means. `null` is an answer ("none asked for"), not a gap.
 * Long: it is the whole contract between resolve and the edges, read as one.
 */
import type { Place } from '../model/problem.ts';
import type { HeaderValue, RouteMatch } from '../model/route-match.ts';

export type { HeaderValue, HostMatch, PathMatch, RouteMatch } from '../model/route-match.ts';

export interface Plan {
  readonly environment: EnvironmentPlan;
  /** Sorted by namespace, then name. */
  readonly apps: readonly AppPlan[];
  /** One per host × match, sorted by id. Every edge reads these and nothing else about routing. */
  readonly routes: readonly RoutePlan[];
}

export interface EnvironmentPlan {
  readonly name: string;
  readonly kind: 'local' | 'cloud' | 'metal';
  readonly production: boolean;
  readonly edge: 'traefik' | 'gateway' | 'nginx' | 'pods' | 'catalog';
  /** Of the nginx edge; other edges never read it. */
  readonly nginx: {
    readonly servedBy: 'controller' | 'traefik' | 'ingress-nginx';
    /** Namespace of its pods. */
    readonly namespace: string;
    readonly ingressClass: string;
  };
  /** Whether the pods edge has a second router, reached from inside the cluster only. */
  readonly privateDoor: boolean;
  /** Of the catalog edge; null on every other. */
  readonly catalog: CatalogPlan | null;
  readonly existingEdge: {
    readonly version: string;
    readonly args: readonly string[];
    readonly namespace: string;
    readonly ingressClass: string | null;
  } | null;
  readonly exposure: ExposurePlan;
  readonly namespace: string;
  readonly edgeNamespace: string;
  readonly edgeNodes: {
    readonly label: { readonly key: string; readonly value: string };
    readonly taint: { readonly key: string; readonly value: string; readonly effect: 'NoSchedule' | 'NoExecute' };
    readonly count: number;
  };
  /** null: the edge's own pinned default. */
  readonly edgeImage: string | null;
  readonly edgeResources: { readonly cpu: string; readonly memory: string };
  readonly unknownHost: '404' | 'close';
  readonly trustedProxies: readonly string[];
  /** Names that apps believe beside those of forward auth. */
  readonly identityHeaders: readonly string[];
  readonly defaultCertificate: string | null;
  readonly acme: boolean;
  /** What published hosts point to: a name, or the fixed address of the load balancer; null: nothing is known. */
  readonly dnsTarget: string | null;
  /** Where routing keys are fetched from; null: whoever brings the objects makes them. */
  readonly secretStore: SecretStorePlan | null;
  readonly drainSeconds: number;
  readonly networkPolicy: boolean;
  readonly accessLog: boolean;
  /** Image of the program that checks routing keys in each namespace that asks for one. */
  readonly gatekeeperImage: string;
  /** Sorted by host. */
  readonly sharedHosts: readonly { readonly host: string; readonly namespaces: readonly string[] }[];
  readonly acceptedLosses: readonly AcceptedLoss[];
}

/** A store of External Secrets. */
export interface SecretStorePlan {
  readonly name: string;
  readonly kind: 'SecretStore' | 'ClusterSecretStore';
  /** Stands before `<namespace>/<secret>` in the names of the store. */
  readonly prefix: string;
}

export interface CatalogPlan {
  /** host:port of its HTTP API. */
  readonly consul: string;
  readonly scheme: 'http' | 'https';
  /** Secret in the edge's namespace with `ca.crt`; null: the usual roots. */
  readonly caSecret: string | null;
  /** Secret in the edge's namespace with the ACL tokens `publisher` and `edge`. */
  readonly tokenSecret: string;
  /** Image of the program that publishes. */
  readonly image: string;
  readonly cluster: string;
  readonly datacenter: string | null;
}

export interface AcceptedLoss {
  readonly name: string;
  readonly at: string;
  readonly reason: string;
  /** YYYY-MM-DD; the loss is accepted through this day. */
  readonly until: string;
}

export type ExposurePlan =
  | {
      readonly kind: 'loadBalancer';
      readonly address: string | null;
      readonly clientAddress: 'preserved' | 'proxyProtocol';
      readonly sourceRanges: readonly string[];
      readonly annotations: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'hostPort'; readonly http: number; readonly https: number };

/** One workload, or (`workload: null`) routes on a Service that exists already. */
export interface AppPlan {
  readonly name: string;
  readonly namespace: string;
  readonly at: Place;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owner: string | null;
  readonly workload: WorkloadPlan | null;
  readonly service: ServicePlan | null;
  /** Who may call this app besides the edge and its protection. */
  readonly callers: 'any' | readonly AppReference[];
  readonly calls: 'any' | readonly (AppReference | { readonly cidr: string; readonly port: number })[];
}

export interface AppReference {
  readonly namespace: string;
  readonly app: string;
}

export interface ServicePlan {
  readonly name: string;
  /** false: it exists already and is only referred to. */
  readonly managed: boolean;
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'Headless';
  readonly ports: readonly PortPlan[];
  readonly sessionAffinity: 'None' | 'ClientIP';
  readonly externalTrafficPolicy: 'Cluster' | 'Local' | null;
  readonly sourceRanges: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PortPlan {
  readonly name: string;
  readonly containerPort: number;
  readonly servicePort: number;
  readonly protocol: 'http' | 'h2c' | 'https' | 'tcp' | 'udp';
  /** Secret with the `ca.crt` of an https port; null: public CAs. */
  readonly ca: string | null;
  readonly nodePort: number | null;
}

export interface WorkloadPlan {
  readonly kind: 'Deployment' | 'DaemonSet';
  /** The first is the app itself. */
  readonly containers: readonly ContainerPlan[];
  readonly initContainers: readonly ContainerPlan[];
  /** null when an autoscaler owns the number, or for a DaemonSet. */
  readonly replicas: number | null;
  readonly autoscale: {
    readonly min: number;
    readonly max: number;
    readonly cpuPercent: number;
    readonly memoryPercent: number | null;
  } | null;
  readonly rollout: {
    readonly strategy: 'rolling' | 'recreate';
    readonly maxSurge: number | string;
    readonly maxUnavailable: number | string;
    readonly minReadySeconds: number;
    readonly drainSeconds: number;
    /** Waited before the stop signal, so that edges have heard of it; 0 for a workload nobody calls. */
    readonly preStopSeconds: number;
    readonly progressDeadlineSeconds: number;
  };
  readonly disruption: { readonly maxUnavailable: number | string } | { readonly minAvailable: number | string } | null;
  readonly placement: {
    readonly nodeLabels: Readonly<Record<string, string>>;
    readonly tolerations: readonly {
      readonly key: string;
      readonly value: string | null;
      readonly effect: string | null;
    }[];
    readonly spread: 'hosts' | 'zones' | 'none' | 'both';
    readonly priorityClass: string | null;
  };
  readonly volumes: readonly VolumePlan[];
  /** Files with content of the author's; one ConfigMap, its hash on the pod template. */
  readonly configFiles: readonly { readonly key: string; readonly content: string }[];
  readonly security: {
    readonly runAsUser: number;
    readonly runAsGroup: number;
    readonly writableRootFilesystem: string | null;
    readonly bindLowPorts: boolean;
  };
  readonly serviceAccount: { readonly name: string; readonly managed: boolean; readonly mountToken: string | null };
  /** Reasons the author gave for leaving something out; null where nothing was left out. */
  readonly without: { readonly readiness: string | null; readonly disruptionBudget: string | null };
}

export interface ContainerPlan {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[] | null;
  readonly args: readonly string[] | null;
  /** Sorted by name. */
  readonly env: readonly { readonly name: string; readonly source: ValueSource }[];
  readonly ports: readonly PortPlan[];
  readonly mounts: readonly {
    readonly path: string;
    readonly volume: string;
    readonly subPath: string | null;
    readonly readOnly: boolean;
  }[];
  readonly probes: {
    readonly readiness: ProbePlan | null;
    readonly liveness: ProbePlan | null;
    readonly startup: ProbePlan | null;
  };
  readonly resources: {
    readonly cpu: string;
    readonly cpuLimit: string | null;
    readonly memory: string;
    readonly ephemeralStorage: string;
  };
}

export type ValueSource =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'secret' | 'config'; readonly name: string; readonly key: string }
  | { readonly kind: 'field'; readonly path: string };

export type VolumePlan = { readonly name: string } & (
  | { readonly kind: 'empty'; readonly sizeLimit: string; readonly memory: boolean }
  | { readonly kind: 'claim'; readonly claim: string; readonly readOnly: boolean }
  | {
      readonly kind: 'secret' | 'config';
      readonly source: string;
      readonly items: readonly { readonly key: string; readonly path: string }[] | null;
    }
);

export interface ProbePlan {
  readonly check:
    | { readonly kind: 'http'; readonly path: string; readonly port: number; readonly headers: readonly HeaderValue[] }
    | { readonly kind: 'tcp'; readonly port: number }
    | { readonly kind: 'grpc'; readonly port: number; readonly service: string | null }
    | { readonly kind: 'command'; readonly command: readonly string[] };
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface RoutePlan {
  /** `namespace/app/name`, and `#hash` of host and path where the route expands to several. Stable when others come or go. */
  readonly id: string;
  readonly namespace: string;
  readonly app: string;
  /** A DNS label, unique in the namespace, from which edges make object names. */
  readonly objectName: string;
  readonly at: Place;
  /** private: at the private door alone. */
  readonly audience: 'public' | 'private';
  readonly match: RouteMatch;
  readonly action: RouteAction;
  readonly protection: ProtectionPlan;
  readonly rewrite:
    | { readonly kind: 'none' }
    | { readonly kind: 'replacePrefix'; readonly from: string; readonly to: string };
  readonly requestHeaders: HeaderChanges;
  readonly responseHeaders: HeaderChanges;
  readonly cors: CorsPlan | null;
  readonly timeouts: { readonly connectMs: number; readonly responseMs: number; readonly idleMs: number };
  readonly bodyLimitBytes: number | null;
  readonly rateLimit: { readonly requests: number; readonly perMs: number; readonly burst: number } | null;
  readonly allowFrom: readonly string[] | null;
  readonly websocket: boolean;
  readonly streaming: boolean;
  readonly tls: TlsPlan;
  readonly httpsRedirect: boolean;
  readonly hsts: {
    readonly maxAgeSeconds: number;
    readonly includeSubdomains: boolean;
    readonly preload: boolean;
  } | null;
  readonly dns: boolean;
  readonly encodedSlash: 'refuse' | 'allow';
  readonly sticky: { readonly cookie: string } | null;
  readonly retries: { readonly attempts: number; readonly initialIntervalMs: number } | null;
}

export type RouteAction =
  | { readonly kind: 'forward'; readonly targets: readonly TargetPlan[] }
  | {
      readonly kind: 'redirect';
      readonly status: 301 | 302 | 307 | 308;
      /** A whole URL, or the parts that change. */
      readonly to: string | null;
      readonly scheme: 'http' | 'https' | null;
      readonly host: string | null;
      readonly path: string | null;
    };

export interface TargetPlan {
  readonly namespace: string;
  readonly service: string;
  /** The Service's port. */
  readonly port: number;
  readonly protocol: 'http' | 'h2c' | 'https';
  /** Secret in `namespace` whose `ca.crt` the certificate of an https target is held to; null: public CAs. */
  readonly ca: string | null;
  readonly weight: number;
}

export type ProtectionPlan =
  | { readonly kind: 'open'; readonly reason: string }
  | {
      readonly kind: 'forwardAuth';
      /** Asked with GET; cluster-internal DNS name where it is an app. */
      readonly url: string;
      /** null when the URL is outside the model. `port` is the Service's. */
      readonly target: (AppReference & { readonly service: string; readonly port: number }) | null;
      readonly responseHeaders: readonly string[];
      readonly timeoutMs: number;
      readonly signIn: string | null;
    }
  | { readonly kind: 'apiKey' | 'bearer'; readonly secret: string; readonly key: string }
  | { readonly kind: 'basicAuth'; readonly secret: string; readonly realm: string };

export interface HeaderChanges {
  /** Sorted by name. */
  readonly set: readonly HeaderValue[];
  readonly remove: readonly string[];
}

export interface CorsPlan {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeSeconds: number;
}

export type TlsPlan =
  | { readonly kind: 'off' }
  | { readonly kind: 'default' }
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'issuer'; readonly name: string; readonly cluster: boolean; readonly secretName: string };
