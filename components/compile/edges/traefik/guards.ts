import { type HostMatch, hostText } from '../../../model/route-match.ts';
import type { KubeObject } from '../../output.ts';
import type { AppPlan, EnvironmentPlan, RoutePlan } from '../../plan.ts';
import { classOf, entriesOf, type Guards, type Metadata } from './context.ts';
import { entryPoint, type FileObject, fileObject, guardsName } from './names.ts';
import { type Router, traefikObject } from './objects.ts';
import { hostGuardPriority, routePriority } from './priority.ts';
import { hostRule, printRule, ruleOf } from './rule.ts';
import { sharedSpec } from './shared.ts';

/** On our own edge the guards live in its file provider: nothing a namespace of apps can delete takes them away. */
const fileGuards: Guards = {
  unavailable: { kind: 'TraefikService', name: `${fileObject.unavailable}@file` },
  shared: (object) => ({ name: `${fileObject[object]}@file` }),
};

/** An edge of someone else's has no file of ours, so each app brings its own. */
function ownGuards(app: string): Guards {
  return {
    unavailable: { name: guardObject(app, 'unavailable'), port: 80 },
    shared: (object) => ({ name: guardObject(app, object) }),
  };
}

export function guardsOf(app: AppPlan, environment: EnvironmentPlan): Guards {
  return environment.existingEdge === null ? fileGuards : ownGuards(app.name);
}

/** `app` and a fixed word with a dot between, which no other name has. */
function guardObject(app: string, object: FileObject): string {
  return object === 'unavailable' ? `${app}-unavailable` : `${app}.${object.toLowerCase()}`;
}

type Meta = (name: string) => Metadata;

/**
 * The guards of an app's routes, in IngressRoutes of their own: right below each route one that answers 503 when Traefik
 * drops the route for a broken reference, and below all routes of a host one that answers 404, so that no wildcard or
 * default route gets what this host's routes did not take. Two apps on one host write the same host guard twice.
 */
export function guardObjects(
  app: AppPlan,
  routes: readonly RoutePlan[],
  environment: EnvironmentPlan,
  meta: Meta,
): readonly KubeObject[] {
  const guards = guardsOf(app, environment);
  const hosts = hostGuards(routes, environment, guards);
  const routers = routes.map((route) => ({
    entries: entriesOf(route),
    router: routeGuard(route, environment, guards),
  }));
  const entries = (['plain', 'secure'] as const).map((entry): KubeObject => {
    const served = routers.filter((route) => route.entries.includes(entry));
    return traefikObject('IngressRoute', meta(guardsName(app.name, entry)), {
      ...classOf(environment),
      entryPoints: [entryPoint[entry]],
      routes: [...served.map(({ router }) => router), ...hosts],
      ...(entry === 'secure' ? { tls: {} } : {}),
    });
  });
  const own = environment.existingEdge === null ? [] : ownObjects(app.name, environment, meta);
  return [...entries.filter((object) => (object.spec as { routes: unknown[] }).routes.length > 0), ...own];
}

/** Right below a route: 503 when Traefik drops it for a broken reference. */
export function routeGuard(route: RoutePlan, environment: EnvironmentPlan, guards: Guards): Router {
  return {
    kind: 'Rule',
    match: printRule(ruleOf(route.match, environment.acme)),
    priority: routePriority(route.match, 'unavailable'),
    services: [guards.unavailable],
  };
}

/** Below all routes of each host: 404. */
export function hostGuards(
  routes: readonly RoutePlan[],
  environment: EnvironmentPlan,
  guards: Guards,
): readonly Router[] {
  const hosts = new Map<string, HostMatch>();
  for (const { match } of routes) if (match.host.kind !== 'any') hosts.set(hostText(match.host), match.host);
  return [...hosts.values()].map((host) => ({
    kind: 'Rule' as const,
    match: printRule(hostRule(host, environment.acme)),
    priority: hostGuardPriority(host),
    middlewares: [guards.shared('encodedSlash'), guards.shared('notFound')],
    services: [guards.unavailable],
  }));
}

function ownObjects(app: string, environment: EnvironmentPlan, meta: Meta): readonly KubeObject[] {
  const middlewares = (Object.keys(fileObject) as FileObject[])
    .filter((object) => object !== 'unavailable')
    .map((object) => traefikObject('Middleware', meta(guardObject(app, object)), sharedSpec(object, environment)));
  const unavailable: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: meta(guardObject(app, 'unavailable')),
    spec: { type: 'ClusterIP', ports: [{ name: 'none', port: 80, targetPort: 80, protocol: 'TCP' }] },
  };
  return [...middlewares, unavailable];
}
