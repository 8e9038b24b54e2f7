import { hostText } from '../../../model/route-match.ts';
import { unvouchedHeaders } from '../../identity.ts';
import type { KubeObject } from '../../output.ts';
import type { EnvironmentPlan, RoutePlan } from '../../plan.ts';
import { type AppContext, classOf, type Entry, entriesOf, type Guards } from './context.ts';
import { type Passage, passes, type RouteMiddleware, routeAnnotations, routeMiddlewares } from './middlewares.ts';
import { entryPoint, middlewareName, plainRouteName } from './names.ts';
import { type MiddlewareReference, type Router, type RouterService, traefikObject } from './objects.ts';
import { routePriority, type Slot } from './priority.ts';
import { acmePath, and, call, namesChallenge, printRule, type Rule, ruleOf } from './rule.ts';
import { routerServices, serviceObjects } from './services.ts';

/** Every object of one route but its guards. */
export function routeObjects(route: RoutePlan, context: AppContext): readonly KubeObject[] {
  const annotations = routeAnnotations(route);
  const middlewares = routeMiddlewares(route, context.environment, unvouchedHeaders(route, context.identityHeaders));
  const services = forwardServices(route, context);
  return [
    ...entriesOf(route).map((entry) => ingressRoute(route, entry, middlewares, services, context)),
    ...middlewares.map(({ suffix, spec }) =>
      traefikObject('Middleware', context.meta(middlewareName(route, suffix), annotations), spec),
    ),
    ...(route.action.kind === 'forward'
      ? serviceObjects({ ...route, action: route.action }, context.meta(route.objectName, annotations))
      : []),
  ];
}

/** A redirect has answered before its service is asked. */
function forwardServices(route: RoutePlan, { guards }: AppContext): readonly RouterService[] {
  return route.action.kind === 'forward' ? routerServices({ ...route, action: route.action }) : [guards.unavailable];
}

function ingressRoute(
  route: RoutePlan,
  entry: Entry,
  middlewares: readonly RouteMiddleware[],
  services: readonly RouterService[],
  { environment, guards, meta }: AppContext,
): KubeObject {
  const name = entry === 'secure' || route.tls.kind === 'off' ? route.objectName : plainRouteName(route);
  const routers = routersOf(route, entry, environment).map(
    ({ passage, slot, rule, redirected, told }): Router => ({
      kind: 'Rule',
      match: printRule(rule),
      priority: routePriority(route.match, slot),
      middlewares: [
        ...edgeMiddlewares(route, passage, redirected, guards),
        ...middlewares
          .filter(({ suffix }) => passes(suffix, passage, told ? 'told' : 'sender'))
          .map(({ suffix }) => ({ name: middlewareName(route, suffix) })),
      ],
      services: [...services],
    }),
  );
  const annotations = { ...routeAnnotations(route), ...dnsAnnotations(route, environment) };
  return traefikObject('IngressRoute', meta(name, annotations), {
    ...classOf(environment),
    entryPoints: [entryPoint[entry]],
    routes: routers,
    ...(entry === 'secure' ? { tls: tlsOf(route) } : {}),
  });
}

/** What every router begins with: the encoded slash, headers nobody may send, and https where it is asked for. */
export function edgeMiddlewares(
  route: RoutePlan,
  passage: Passage,
  redirected: boolean,
  { shared }: Guards,
): readonly MiddlewareReference[] {
  return [
    ...(route.encodedSlash === 'allow' ? [] : [shared('encodedSlash')]),
    shared(passage === 'websocket' ? 'websocketHygiene' : 'hygiene'),
    ...(redirected ? [shared('httpsRedirect')] : []),
  ];
}

/** One router: what it is for, where it stands among those of its match, and what it takes. */
export interface RouterPlan {
  readonly passage: Passage;
  readonly slot: Slot;
  readonly rule: Rule;
}

/** One router, one more for upgrades to WebSocket, one more for challenges where the route names their path. */
export function passagesOf(route: RoutePlan, acme: boolean): readonly RouterPlan[] {
  const rule = ruleOf(route.match, acme);
  return [
    { passage: 'request', slot: 'route', rule },
    ...(route.websocket ? [{ passage: 'websocket', slot: 'websocket', rule: and(rule, upgradeRule) } as const] : []),
    ...(acme && namesChallenge(route.match.path)
      ? [{ passage: 'challenge', slot: 'challenge', rule: and(rule, call('PathPrefix', acmePath)) } as const]
      : []),
  ];
}

interface DoorRouter extends RouterPlan {
  /** Sent to https, whatever stands behind. */
  readonly redirected: boolean;
  /** A trusted proxy tells of another client and, behind a redirect, of https. */
  readonly told: boolean;
}

/**
 * The routers of one door. Requests of which a trusted proxy tells something have a router of their own above the usual
 * one, as no other sender's word gets as far as the rules: there the redirect to https stands aside, or the client's
 * address is the one that is told. Traefik's middlewares can look at what is told or at the sender, not at both.
 */
export function routersOf(route: RoutePlan, entry: Entry, environment: EnvironmentPlan): readonly DoorRouter[] {
  const { trustedProxies, acme } = environment;
  return passagesOf(route, acme).flatMap((router): readonly DoorRouter[] => {
    const redirected = entry === 'plain' && route.httpsRedirect && router.passage !== 'challenge';
    const usual = { ...router, redirected, told: false };
    const addressed = route.allowFrom !== null || route.rateLimit !== null;
    if (trustedProxies.length === 0 || router.passage === 'challenge' || !(redirected || addressed)) return [usual];
    const slot = router.passage === 'websocket' ? 'toldWebsocket' : 'toldRoute';
    const rule = and(router.rule, redirected ? toldHttps : toldAddress);
    return [usual, { ...router, slot, rule, redirected: false, told: true }];
  });
}

const toldHttps = call('HeaderRegexp', 'X-Forwarded-Proto', '^(https|wss)$');
const toldAddress = call('HeaderRegexp', 'X-Forwarded-For', '.');

const upgradeRule = call('HeaderRegexp', 'Upgrade', '(?i)^websocket$');

/** The `tls` of an IngressRoute on the secure entry point. */
export function tlsOf({ tls }: RoutePlan): { secretName?: string } {
  switch (tls.kind) {
    case 'off':
    case 'default':
      return {};
    case 'secret':
      return { secretName: tls.name };
    case 'issuer':
      return { secretName: tls.secretName };
    default:
      return tls satisfies never;
  }
}

/** An IngressRoute has no status, so external-dns makes no record of it without being told where it points. */
export function dnsAnnotations(
  { dns, match }: RoutePlan,
  { dnsTarget }: AppContext['environment'],
): Readonly<Record<string, string>> {
  if (!dns || match.host.kind === 'any') return {};
  return {
    'external-dns.alpha.kubernetes.io/hostname': hostText(match.host),
    ...(dnsTarget === null ? {} : { 'external-dns.alpha.kubernetes.io/target': dnsTarget }),
  };
}
