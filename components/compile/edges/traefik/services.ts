import type { KubeObject, ObjectMeta } from '../../output.ts';
import type { RoutePlan, TargetPlan } from '../../plan.ts';
import { type RouterService, traefikObject } from './objects.ts';

type Forward = RoutePlan & { readonly action: { readonly kind: 'forward' } };

/** Whether the weights of a route and its sticky cookie need a TraefikService of their own. */
function isStickySplit(route: Forward): boolean {
  return route.sticky !== null && route.action.targets.length > 1;
}

/** What the routers of a route send to. */
export function routerServices(route: Forward): readonly RouterService[] {
  if (isStickySplit(route)) return [{ kind: 'TraefikService', name: route.objectName }];
  return route.action.targets.map((target) => backend(route, target));
}

/** Timeouts towards the app, and the split that a sticky cookie has to cover. */
export function serviceObjects(route: Forward, meta: ObjectMeta & { readonly namespace: string }): KubeObject[] {
  const { connectMs, responseMs, idleMs } = route.timeouts;
  const transport = traefikObject('ServersTransport', meta, {
    ...verification(route),
    forwardingTimeouts: {
      dialTimeout: `${connectMs}ms`,
      responseHeaderTimeout: `${responseMs}ms`,
      idleConnTimeout: `${idleMs}ms`,
    },
  });
  if (!isStickySplit(route) || route.sticky === null) return [transport];
  const split = traefikObject('TraefikService', meta, {
    weighted: {
      services: route.action.targets.map((target) => backend(route, target)),
      sticky: { cookie: cookie(`${route.sticky.cookie}-target`, route) },
    },
  });
  return [transport, split];
}

function backend(route: Forward, target: TargetPlan): RouterService {
  return {
    name: target.service,
    ...(target.namespace === route.namespace ? {} : { namespace: target.namespace }),
    port: target.port,
    scheme: target.protocol,
    serversTransport: route.objectName,
    ...(route.action.targets.length > 1 ? { weight: target.weight } : {}),
    ...(route.sticky === null ? {} : { sticky: { cookie: cookie(route.sticky.cookie, route) } }),
    ...answers(route, target.protocol),
  };
}

/**
 * When an answer with a length is passed on: at once where a route streams, each 100 ms otherwise; one without a length
 * always is at once. An app that may speak gRPC keeps the 100 ms: told to pass on at once, Traefik now and then sends the
 * head of an answer without a body before it knows that none follows. An error of a gRPC app is such an answer, and a
 * client that finds no end of stream beside its `grpc-status` reads INTERNAL in its place (`delayedFlush` in Go's
 * net/http/httputil; "Trailers-Only" in the gRPC over HTTP/2 protocol).
 */
export function answers(
  { streaming }: Pick<RoutePlan, 'streaming'>,
  protocol: TargetPlan['protocol'],
): Pick<RouterService, 'responseForwarding'> {
  return streaming && protocol === 'http' ? { responseForwarding: { flushInterval: '-1ms' } } : {};
}

function cookie(name: string, route: RoutePlan) {
  return { name, httpOnly: true, sameSite: 'lax' as const, secure: route.tls.kind !== 'off' };
}

/** Pods are called by address; their certificate is to hold the name of the Service, and to be signed by its CA. */
function verification(route: Forward): { serverName?: string; rootCAs?: { secret: string }[] } {
  const secure = route.action.targets.filter(({ protocol }) => protocol === 'https');
  const [first] = secure;
  if (first === undefined) return {};
  const secrets = [...new Set(secure.flatMap(({ ca }) => ca ?? []))].toSorted();
  return {
    serverName: `${first.service}.${first.namespace}.svc`,
    ...(secrets.length === 0 ? {} : { rootCAs: secrets.map((secret) => ({ secret })) }),
  };
}
