import { type Bearing, doubt, harmless, read } from './bearing.ts';

/** Every type of filter of an HTTPRoute of Gateway API 1.6. Source: the CustomResourceDefinition of HTTPRoute. */
export const httpRouteFilters = {
  CORS: read,
  ExtensionRef: read,
  ExternalAuth: read,
  RequestHeaderModifier: harmless,
  RequestMirror: harmless,
  RequestRedirect: read,
  ResponseHeaderModifier: harmless,
  URLRewrite: read,
} as const satisfies Readonly<Record<string, Bearing>>;

/** Fields of an HTTPRoute's `spec`. */
export const httpRouteFields = {
  hostnames: read,
  parentRefs: read,
  rules: read,
  useDefaultGateways: doubt('which Gateways it is attached to is not written in it'),
} as const satisfies Readonly<Record<string, Bearing>>;

/** Fields of a rule of an HTTPRoute. */
export const httpRouteRuleFields = {
  backendRefs: read,
  filters: read,
  matches: read,
  name: harmless,
  retry: harmless,
  sessionPersistence: harmless,
  timeouts: harmless,
} as const satisfies Readonly<Record<string, Bearing>>;

/** Fields of a match of a rule. */
export const httpRouteMatchFields = {
  headers: read,
  method: read,
  path: read,
  queryParams: read,
} as const satisfies Readonly<Record<string, Bearing>>;

/** Fields of a backend of a rule. */
export const backendRefFields = {
  filters: doubt('filters of one backend may ask, or change where a request goes'),
  group: harmless,
  kind: read,
  name: read,
  namespace: read,
  port: read,
  weight: read,
} as const satisfies Readonly<Record<string, Bearing>>;

/** Kinds with a `targetRef` that change neither who may pass nor where a request goes. */
export const harmlessPolicies: ReadonlySet<string> = new Set(['BackendTLSPolicy', 'HorizontalPodAutoscaler']);
