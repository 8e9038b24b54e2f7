import type { ParsedEnvironment, ParsedRoute } from '../../model/definition.ts';
import { durationMs, sizeBytes } from '../../model/schema/leaf.ts';
import { defaults } from '../defaults.ts';
import type { CorsPlan, HeaderChanges, RoutePlan } from '../plan.ts';
import { headerValues } from './headers.ts';

/** The parts of a route that neither its host nor its path changes. */
export type RouteOptions = Pick<
  RoutePlan,
  | 'audience'
  | 'requestHeaders'
  | 'responseHeaders'
  | 'cors'
  | 'timeouts'
  | 'bodyLimitBytes'
  | 'rateLimit'
  | 'allowFrom'
  | 'websocket'
  | 'streaming'
  | 'hsts'
  | 'dns'
  | 'encodedSlash'
  | 'sticky'
  | 'retries'
>;

const noChanges: HeaderChanges = Object.freeze({ set: [], remove: [] });
const usualTimeouts = Object.freeze({
  connectMs: defaults.route.connectMs,
  responseMs: defaults.route.responseMs,
  idleMs: defaults.route.idleMs,
});

export function routeOptions(route: Omit<ParsedRoute, 'to'>, environment: ParsedEnvironment): RouteOptions {
  const { bodyLimit, rateLimit } = route;
  const named = route.hosts !== undefined && route.hosts.length > 0;
  return {
    audience: route.audience ?? defaults.route.audience,
    requestHeaders: headerChanges(route.requestHeaders),
    responseHeaders: headerChanges(route.responseHeaders),
    cors: corsPlan(route.cors),
    timeouts: timeoutsPlan(route.timeouts),
    bodyLimitBytes: bodyLimit === undefined || bodyLimit === 'none' ? null : sizeBytes(bodyLimit),
    rateLimit:
      rateLimit === undefined
        ? null
        : {
            requests: rateLimit.requests,
            perMs: durationMs(rateLimit.per),
            burst: rateLimit.burst ?? rateLimit.requests,
          },
    allowFrom: route.allowFrom ?? null,
    websocket: route.websocket ?? false,
    streaming: route.streaming ?? (bodyLimit === undefined || bodyLimit === 'none' ? defaults.route.streaming : false),
    hsts: hstsPlan(route.hsts),
    dns: route.dns ?? (named && (environment.dns ?? defaults.environment.dns)),
    encodedSlash: route.encodedSlash ?? defaults.route.encodedSlash,
    sticky: route.sticky ?? null,
    retries: retriesPlan(route.retries),
  };
}

function headerChanges(changes: ParsedRoute['requestHeaders']): HeaderChanges {
  if (changes === undefined) return noChanges;
  return { set: headerValues(changes.set), remove: (changes.remove ?? []).toSorted() };
}

function timeoutsPlan(timeouts: ParsedRoute['timeouts']): RoutePlan['timeouts'] {
  if (timeouts === undefined) return usualTimeouts;
  const { connect, response, idle } = timeouts;
  return {
    connectMs: connect === undefined ? usualTimeouts.connectMs : durationMs(connect),
    responseMs: response === undefined ? usualTimeouts.responseMs : durationMs(response),
    idleMs: idle === undefined ? usualTimeouts.idleMs : durationMs(idle),
  };
}

function retriesPlan(retries: ParsedRoute['retries']): RoutePlan['retries'] {
  if (retries === undefined) return null;
  const { attempts, initialInterval } = retries;
  const initialIntervalMs =
    initialInterval === undefined ? defaults.route.retryInitialIntervalMs : durationMs(initialInterval);
  return { attempts, initialIntervalMs };
}

function corsPlan(cors: ParsedRoute['cors']): CorsPlan | null {
  if (cors === undefined) return null;
  return {
    origins: cors.origins.toSorted(),
    methods: (cors.methods ?? defaults.route.corsMethods).toSorted(),
    headers: (cors.headers ?? []).toSorted(),
    exposeHeaders: (cors.exposeHeaders ?? []).toSorted(),
    credentials: cors.credentials ?? false,
    maxAgeSeconds: cors.maxAge === undefined ? defaults.route.corsMaxAgeSeconds : seconds(cors.maxAge),
  };
}

function hstsPlan(hsts: ParsedRoute['hsts']): RoutePlan['hsts'] {
  if (hsts === undefined || hsts === false) return null;
  const maxAgeSeconds = hsts.maxAge.endsWith('d') ? Number(hsts.maxAge.slice(0, -1)) * 86_400 : seconds(hsts.maxAge);
  return { maxAgeSeconds, includeSubdomains: hsts.includeSubdomains ?? false, preload: hsts.preload ?? false };
}

function seconds(duration: string): number {
  return Math.ceil(durationMs(duration) / 1000);
}
