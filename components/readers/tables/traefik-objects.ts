import { type Bearing, doubt, harmless, read } from './bearing.ts';

/** Every kind of middleware of Traefik 3.7. Source: the CustomResourceDefinition of Middleware; `ipWhiteList` is Traefik 2's. */
export const middlewareKinds = {
  addPrefix: read,
  basicAuth: read,
  buffering: harmless,
  chain: read,
  circuitBreaker: harmless,
  compress: harmless,
  contentType: harmless,
  digestAuth: read,
  encodedCharacters: read,
  errors: read,
  forwardAuth: read,
  grpcWeb: harmless,
  headers: read,
  inFlightReq: harmless,
  ipAllowList: read,
  ipWhiteList: read,
  passTLSClientCert: harmless,
  plugin: read,
  rateLimit: harmless,
  redirectRegex: read,
  redirectScheme: read,
  replacePath: read,
  replacePathRegex: read,
  retry: harmless,
  stripPrefix: read,
  stripPrefixRegex: read,
} as const satisfies Readonly<Record<string, Bearing>>;

/** Options of `forwardAuth`. */
export const forwardAuthOptions = {
  addAuthCookiesToResponse: harmless,
  address: read,
  authRequestHeaders: harmless,
  authResponseHeaders: read,
  authResponseHeadersRegex: harmless,
  authSigninURL: read,
  forwardBody: harmless,
  headerField: harmless,
  maxBodySize: harmless,
  maxResponseBodySize: harmless,
  preserveLocationHeader: harmless,
  preserveRequestMethod: harmless,
  tls: harmless,
  trustForwardHeader: harmless,
} as const satisfies Readonly<Record<string, Bearing>>;

/** Options of `basicAuth`. */
export const basicAuthOptions = {
  headerField: harmless,
  realm: read,
  removeHeader: harmless,
  secret: read,
} as const satisfies Readonly<Record<string, Bearing>>;

/** Fields of an IngressRoute. */
export const ingressRouteFields = {
  entryPoints: read,
  ingressClassName: read,
  parentRefs: read,
  routes: read,
  tls: read,
} as const satisfies Readonly<Record<string, Bearing>>;

/** Fields of one route of an IngressRoute. */
export const routerFields = {
  kind: harmless,
  match: read,
  middlewares: read,
  observability: harmless,
  priority: read,
  services: read,
  syntax: read,
} as const satisfies Readonly<Record<string, Bearing>>;

/** Fields of one service of a route. */
export const serviceFields = {
  healthCheck: harmless,
  kind: read,
  middlewares: doubt('middlewares of a service may ask, or change where a request goes'),
  name: read,
  namespace: read,
  nativeLB: harmless,
  nodePortLB: harmless,
  passHostHeader: harmless,
  passiveHealthCheck: harmless,
  port: read,
  responseForwarding: harmless,
  scheme: harmless,
  serversTransport: harmless,
  sticky: harmless,
  strategy: harmless,
  weight: read,
} as const satisfies Readonly<Record<string, Bearing>>;

/** Fields of `tls`. */
export const tlsFields = {
  certResolver: read,
  domains: harmless,
  options: read,
  secretName: read,
  store: harmless,
} as const satisfies Readonly<Record<string, Bearing>>;

/**
 * Annotations of an Ingress that Traefik's Kubernetes Ingress provider reads, behind `traefik.ingress.kubernetes.io/`.
 * Source: pkg/provider/kubernetes/ingress/annotations.go of Traefik 3.7.
 */
export const traefikAnnotations = {
  'router.entrypoints': read,
  'router.middlewares': read,
  'router.pathmatcher': read,
  'router.priority': read,
  'router.rulesyntax': read,
  'router.tls': read,
  'router.tls.certresolver': read,
  'router.tls.options': read,
} as const satisfies Readonly<Record<string, Bearing>>;

/** Groups of annotations whose names have numbers or parts of their own. */
export const harmlessTraefikAnnotation =
  /^(?:router\.observability\.|router\.tls\.domains\.|service\.(?!middlewares$))/;

/** The matchers of Traefik 3 and how many values each takes. Source: pkg/muxer/http/matcher.go of Traefik 3.7. */
export const ruleMatchers: Readonly<Record<string, readonly number[]>> = {
  clientip: [1],
  header: [2],
  headerregexp: [2],
  host: [1],
  hostregexp: [1],
  method: [1],
  path: [1],
  pathprefix: [1],
  pathregexp: [1],
  query: [1, 2],
  queryregexp: [1, 2],
};
