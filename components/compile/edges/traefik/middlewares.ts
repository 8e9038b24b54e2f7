import { apiKeyHeader } from '../../../model/match.ts';
import { gatekeeperUrl } from '../../gatekeeper.ts';
import { annotation } from '../../metadata.ts';
import type { EnvironmentPlan, RoutePlan } from '../../plan.ts';
import type { MiddlewareSpec } from './generated/types.ts';
import type { MiddlewareSuffix } from './names.ts';
import { redirectSpec } from './redirect.ts';
import { authAddress, hasSidecar } from './sidecar.ts';

/** A middleware of a route, in the order requests pass them. */
export interface RouteMiddleware {
  readonly suffix: MiddlewareSuffix;
  readonly spec: MiddlewareSpec;
}

/** What a router of this route is for; some stages have no place in some of them. */
export type Passage = 'request' | 'websocket' | 'challenge';

/** An answer of an auth service larger than this is refused. */
const authAnswerBytes = 1024 * 1024;

/**
 * The middlewares of a route in order. HSTS is outermost, so that refusals carry it too. Who may connect comes before
 * everything that costs something; a CORS preflight is answered before protection, which browsers send without
 * credentials; protection comes before anything that changes the request.
 */
export function routeMiddlewares(
  route: RoutePlan,
  environment: EnvironmentPlan,
  unvouched: readonly string[],
): readonly RouteMiddleware[] {
  const found: RouteMiddleware[] = [];
  add(found, 'hsts', hstsSpec(route));
  add(found, 'allow', allowSpec(route, {}));
  add(found, 'allowtold', allowSpec(route, toldAddress(environment)));
  add(found, 'rate', rateSpec(route, {}));
  add(found, 'ratetold', rateSpec(route, toldAddress(environment)));
  add(found, 'cors', corsSpec(route));
  add(found, 'auth', authSpec(route, environment));
  add(found, 'headers', headersSpec(route, unvouched));
  add(found, 'limit', limitSpec(route));
  add(found, 'strip', stripSpec(route));
  add(found, 'add', addSpec(route));
  add(found, 'redirect', redirectSpec(route.action, environment));
  add(found, 'retry', retrySpec(route));
  return found;
}

function add(found: RouteMiddleware[], suffix: MiddlewareSuffix, spec: MiddlewareSpec | null): void {
  if (spec !== null) found.push({ suffix, spec });
}

/** Whose address a client has: the one that trusted proxies tell, or the sender's. */
type ClientAddress = 'told' | 'sender';

/**
 * Whether a stage has a place in this passage: challenges ask nobody, upgraded connections have no body to count, and
 * an address is looked at once.
 */
export function passes(suffix: MiddlewareSuffix, passage: Passage, address: ClientAddress): boolean {
  if (suffix === 'allow' || suffix === 'rate') return passage !== 'challenge' && address === 'sender';
  if (suffix === 'allowtold' || suffix === 'ratetold') return passage !== 'challenge' && address === 'told';
  if (passage === 'challenge') return suffix !== 'auth';
  return passage !== 'websocket' || (suffix !== 'limit' && suffix !== 'retry');
}

function hstsSpec({ hsts }: RoutePlan): MiddlewareSpec | null {
  if (hsts === null) return null;
  return {
    headers: {
      stsSeconds: hsts.maxAgeSeconds,
      stsIncludeSubdomains: hsts.includeSubdomains,
      stsPreload: hsts.preload,
    },
  };
}

type AddressStrategy = { readonly ipStrategy?: { excludedIPs: string[] } };

/** The rightmost address of `X-Forwarded-For` that is no trusted proxy's; null: nobody is trusted to tell. */
function toldAddress({ trustedProxies }: EnvironmentPlan): AddressStrategy | null {
  return trustedProxies.length === 0 ? null : { ipStrategy: { excludedIPs: [...trustedProxies] } };
}

function allowSpec({ allowFrom }: RoutePlan, strategy: AddressStrategy | null): MiddlewareSpec | null {
  if (allowFrom === null || strategy === null) return null;
  return { ipAllowList: { sourceRange: [...allowFrom], ...strategy } };
}

function rateSpec({ rateLimit }: RoutePlan, strategy: AddressStrategy | null): MiddlewareSpec | null {
  if (rateLimit === null || strategy === null) return null;
  return {
    rateLimit: {
      average: rateLimit.requests,
      period: `${rateLimit.perMs}ms`,
      burst: rateLimit.burst,
      sourceCriterion: strategy,
    },
  };
}

function corsSpec({ cors }: RoutePlan): MiddlewareSpec | null {
  if (cors === null) return null;
  return {
    headers: {
      accessControlAllowOriginList: [...cors.origins],
      accessControlAllowMethods: [...cors.methods],
      accessControlAllowHeaders: [...cors.headers],
      accessControlExposeHeaders: [...cors.exposeHeaders],
      accessControlAllowCredentials: cors.credentials,
      accessControlMaxAge: cors.maxAgeSeconds,
      addVaryHeader: true,
    },
  };
}

function authSpec({ namespace, protection }: RoutePlan, environment: EnvironmentPlan): MiddlewareSpec | null {
  switch (protection.kind) {
    case 'open':
      return null;
    case 'forwardAuth':
      return {
        forwardAuth: {
          ...askedAt(authAddress(protection, environment), protection.responseHeaders),
          ...(hasSidecar(environment)
            ? { preserveLocationHeader: true }
            : protection.signIn === null
              ? {}
              : { authSigninURL: protection.signIn }),
        },
      };
    case 'apiKey':
    case 'bearer':
      return {
        forwardAuth: {
          ...askedAt(gatekeeperUrl(namespace, protection), ['X-Edgeplane-Caller']),
          authRequestHeaders: [protection.kind === 'apiKey' ? apiKeyHeader : 'Authorization'],
        },
      };
    case 'basicAuth':
      return { basicAuth: { secret: protection.secret, realm: protection.realm, removeHeader: true } };
    default:
      return protection satisfies never;
  }
}

/** Forwarding headers are rebuilt from the connection even behind trusted proxies: few of them take `X-Forwarded-Uri` off. */
function askedAt(address: string, responseHeaders: readonly string[]) {
  return {
    address,
    trustForwardHeader: false,
    authResponseHeaders: [...responseHeaders],
    maxResponseBodySize: authAnswerBytes,
  };
}

/** Changes the author asked for, the key that was checked, and identity headers that nobody vouches for on this route. */
function headersSpec(route: RoutePlan, unvouched: readonly string[]): MiddlewareSpec | null {
  const { protection, requestHeaders, responseHeaders } = route;
  const removed = [
    ...unvouched,
    // The key of one route is none of the business of any app, whichever route a caller shows it on.
    apiKeyHeader,
    ...(protection.kind === 'bearer' ? ['Authorization'] : []),
    ...requestHeaders.remove,
  ];
  const request = changes(requestHeaders.set, removed);
  const response = changes(responseHeaders.set, responseHeaders.remove);
  if (request === null && response === null) return null;
  return {
    headers: {
      ...(request === null ? {} : { customRequestHeaders: request }),
      ...(response === null ? {} : { customResponseHeaders: response }),
    },
  };
}

function lower(name: string): string {
  return name.toLowerCase();
}

/** Traefik removes a header whose value is empty. What is set stands over what is removed. */
function changes(
  set: readonly { readonly name: string; readonly value: string }[],
  remove: readonly string[],
): Record<string, string> | null {
  const chosen = new Set(set.map(({ name }) => lower(name)));
  const fields = [
    ...remove.filter((name) => !chosen.has(lower(name))).map((name) => [name, ''] as const),
    ...set.map(({ name, value }) => [name, value] as const),
  ];
  return fields.length === 0 ? null : Object.fromEntries(fields);
}

function limitSpec({ bodyLimitBytes }: RoutePlan): MiddlewareSpec | null {
  return bodyLimitBytes === null ? null : { buffering: { maxRequestBodyBytes: bodyLimitBytes } };
}

/** Without a slash at the end: the rule has seen to whole segments, and `/app` itself becomes `/`. */
function stripSpec({ rewrite }: RoutePlan): MiddlewareSpec | null {
  return rewrite.kind === 'none' || rewrite.from === '/' ? null : { stripPrefix: { prefixes: [rewrite.from] } };
}

function addSpec({ rewrite }: RoutePlan): MiddlewareSpec | null {
  return rewrite.kind === 'none' || rewrite.to === '/' ? null : { addPrefix: { prefix: rewrite.to } };
}

function retrySpec({ retries }: RoutePlan): MiddlewareSpec | null {
  if (retries === null) return null;
  return { retry: { attempts: retries.attempts, initialInterval: `${retries.initialIntervalMs}ms` } };
}

/** Annotations of a route's objects: which route they serve, and why it asks nobody. */
export function routeAnnotations(route: RoutePlan): Readonly<Record<string, string>> {
  return {
    [annotation.route]: route.id,
    ...(route.protection.kind === 'open' ? { [annotation.openReason]: route.protection.reason } : {}),
  };
}
