import type { HostMatch } from '../../components/model/route-match.ts';

/**
 * The most routes a router serves, of all namespaces: nginx reads all of them at each reload, and has up to two locations
 * for each. Beyond them who came first keeps what he has.
 */
export const mostRoutes = 10_000;

/**
 * What the router serves, as one value: both sources (pods, Ingresses) make it, the renderer turns it into nginx's
 * configuration. It holds nothing that is already text of that configuration. The order of its lists means nothing: the
 * renderer sorts.
 */
export interface RoutingTable {
  readonly routes: readonly Route[];
  /** Hosts that are served over TLS. A host without one is served over plain HTTP alone. */
  readonly certificates: readonly HostCertificate[];
  /** Shown where no host is asked for or the host has none of its own; null: such a handshake is refused. */
  readonly defaultCertificate: Certificate | null;
  /** What callers present where a route's protection is `apiKey`, by `ring`. A change here reloads nothing. */
  readonly keys: ReadonlyMap<string, KeyRing>;
}

/**
 * The Kubernetes object a route or certificate comes from, or the Namespace that grants hosts: what is put in quarantine,
 * and what an Event is about.
 */
export interface Owner {
  readonly kind: 'Pod' | 'Ingress' | 'Namespace';
  /** Of a Namespace its own name. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** One host and one path, and what happens there. Host, path kind and path together are unique in a table. */
export interface Route {
  /** For logs: `namespace/name` and what else makes it unique; characters of `[A-Za-z0-9._/:#*@-]`, at most 253. */
  readonly id: string;
  /** At least one; several where pods share a route. Sorted by namespace and name. */
  readonly owners: readonly Owner[];
  /**
   * Names in lower case, an IPv4 address as an exact name. `any`: requests for hosts that no other route names. A
   * wildcard stands for one label.
   */
  readonly host: HostMatch;
  readonly path: RoutePath;
  readonly action: RouteAction;
  readonly protection: RouteProtection;
  /** Only these addresses (CIDR) pass; others get 403. null: all. */
  readonly allowFrom: readonly string[] | null;
  /** Plain HTTP gets 308. */
  readonly httpsRedirect: boolean;
  /** On answers over TLS. */
  readonly hsts: Hsts | null;
  readonly cors: Cors | null;
  /** Names taken off the request beside those no client may send; in any spelling. */
  readonly removedHeaders: readonly string[];
  /** A larger body gets 413; null: no limit. */
  readonly bodyLimitBytes: number | null;
  readonly encodedSlash: 'refuse' | 'allow';
}

/**
 * `prefix` takes whole segments (`/foo` takes `/foo`, `/foo/`, `/foo/x`), `exact` this path alone, `text` whatever begins
 * with these characters (`/foobar` too), as the original pod router had it. Exact stands over both, a longer path over a
 * shorter one; of a `prefix` and a `text` of one path the prefix takes what it can.
 */
export interface RoutePath {
  readonly kind: 'exact' | 'prefix' | 'text';
  /** Absolute; of the characters a route of the model may have, without `//`, `.` and `..` segments. */
  readonly path: string;
}

export type RouteAction =
  | Forward
  /** Answered by the edge, after protection. */
  | { readonly kind: 'redirect'; readonly status: 301 | 302 | 307 | 308; readonly to: string }
  /** Nothing can answer (no ready pod, a backend that is not there): the route stands and says 503. */
  | { readonly kind: 'unavailable' };

export interface Forward {
  readonly kind: 'forward';
  /** Not empty, without doubles; one ClusterIP, or addresses of pods. */
  readonly targets: readonly Target[];
  /** The app is called by TLS; its certificate is not verified. */
  readonly protocol: 'http' | 'https';
  /** The whole matched path is replaced by this one, by whole segments; `/` strips it. null: the path stays. */
  readonly rewriteTo: string | null;
  /** A cookie keeps a client with its target. */
  readonly sticky: { readonly cookie: string } | null;
  readonly connectMs: number;
  /** Until the first byte of the answer and between two bytes of it; of an upgraded connection the longest silence. */
  readonly responseMs: number;
  /** Nothing is held back in either direction. false: buffered unless the answer says `X-Accel-Buffering: no`. */
  readonly streaming: boolean;
  readonly websocket: boolean;
}

/** Where an app listens: an IPv4 or IPv6 address and a port. Never a name: nginx would resolve it once and keep it. */
export interface Target {
  readonly address: string;
  readonly port: number;
}

export type RouteProtection =
  | { readonly kind: 'open' }
  /** The key header's value must be one of the ring's; a ring that is faulty or absent is 503. */
  | { readonly kind: 'apiKey'; readonly ring: string }
  | {
      readonly kind: 'forwardAuth';
      /** Not empty: the ClusterIP of the Service, or the addresses of a name outside. */
      readonly targets: readonly Target[];
      /** Sent as Host: the authority of the URL. */
      readonly authority: string;
      /** Path and query of the URL. */
      readonly target: string;
      /** Copied from the answer over what the client sent. */
      readonly responseHeaders: readonly string[];
      readonly timeoutMs: number;
    }
  /** `users` are lines of an htpasswd file (`name:hash`), hashes as crypt(3), apr1 or `{SSHA}`; never a password. */
  | { readonly kind: 'basicAuth'; readonly realm: string; readonly users: readonly string[] }
  /** A reference is broken: 503, nobody is let through. `why` is for logs. */
  | { readonly kind: 'broken'; readonly why: string };

/** The keys a route may be called with, or why nobody can: `why` names the fault, never a value. */
export type KeyRing =
  /** SHA-256 in hex of the text a caller sends (the base64 of the secret); current and, while it is accepted, previous. */
  { readonly kind: 'usable'; readonly digests: readonly string[] } | { readonly kind: 'faulty'; readonly why: string };

export interface HostCertificate {
  readonly host: Exclude<HostMatch, { kind: 'any' }>;
  readonly owner: Owner;
  /** `default`: TLS with the default certificate. */
  readonly certificate: Certificate | 'default';
}

/** PEM text of a `kubernetes.io/tls` Secret. The key is never logged, printed or shown in an error. */
export interface Certificate {
  /** The certificate and its chain. */
  readonly chain: string;
  readonly key: string;
}

export interface Hsts {
  readonly maxAgeSeconds: number;
  readonly includeSubdomains: boolean;
  readonly preload: boolean;
}

export interface Cors {
  /** Origins, or `*`. */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeSeconds: number;
}

/** What holds for the whole edge: from the environment of the process, never from an object of the cluster. */
export interface EdgeSettings {
  /** Port of plain HTTP. */
  readonly httpPort: number;
  /** null: no TLS at all. */
  readonly httpsPort: number | null;
  /** Ports as clients see them, in redirects and `X-Forwarded-Port`. */
  readonly publicPorts: { readonly http: number; readonly https: number };
  readonly ipv6: boolean;
  readonly unknownHost: '404' | 'close';
  /** How the address of a client arrives; `from` are the proxies that are believed (CIDR). */
  readonly clientAddress:
    | { readonly kind: 'connection' }
    | { readonly kind: 'proxyProtocol' | 'header'; readonly from: readonly string[] };
  /** Paths below `/.well-known/acme-challenge/` are taken by no route but one that names them. */
  readonly acme: boolean;
  /** Name of the header that carries an API key. */
  readonly keyHeader: string;
  /** As nginx writes sizes: the seed's `CLIENT_MAX_BODY_SIZE` in bytes, for routes without a limit; null: none. */
  readonly bodyLimitBytes: number | null;
  readonly accessLog: boolean;
  /** After SIGTERM and at a reload, requests under way may take so long, milliseconds. */
  readonly workerShutdownMs: number;
  /** Processes that serve. */
  readonly workers: number;
  /** Addresses (CIDR) that no route may lead to: the router's own, metadata services, whatever else is not an app. */
  readonly refusedTargets: readonly string[];
}

/** Loopback, link-local (metadata services), unspecified and multicast addresses, in both families. */
export const neverTargets: readonly string[] = [
  '0.0.0.0/8',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/3',
  '::/127',
  '::ffff:0:0/96',
  'fe80::/10',
  'ff00::/8',
];

/** Why something was not served: for logs, metrics and Events. Every text is free of values of Secrets. */
export interface Rejection {
  readonly owner: Owner;
  /** A stable word: `InvalidPath`, `HostTaken`. */
  readonly reason: string;
  readonly message: string;
}
