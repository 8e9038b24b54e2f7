import type { KubeObject } from '../../output.ts';
import type { AppPlan, EnvironmentPlan, RoutePlan } from '../../plan.ts';
import { classOf, entriesOf, type Metadata } from '../traefik/context.ts';
import { guardsOf, hostGuards, routeGuard } from '../traefik/guards.ts';
import { routeAnnotations } from '../traefik/middlewares.ts';
import { entryPoint, guardsName, plainRouteName } from '../traefik/names.ts';
import { traefikObject } from '../traefik/objects.ts';
import { dnsAnnotations, tlsOf } from '../traefik/routes.ts';

type Meta = (name: string, annotations?: Readonly<Record<string, string>>) => Metadata;

/**
 * What answers in place of routes that the catalog does not have now: 503 right below each, 404 below all of a host. Tags
 * go with the instances of an app, so they cannot say this. The certificate of a route is named here too.
 */
export function guardRoutes(
  app: AppPlan,
  routes: readonly RoutePlan[],
  environment: EnvironmentPlan,
  meta: Meta,
): readonly KubeObject[] {
  const guards = guardsOf(app, environment);
  const own = routes.flatMap((route) =>
    entriesOf(route).map((entry) =>
      traefikObject(
        'IngressRoute',
        meta(entry === 'secure' || route.tls.kind === 'off' ? route.objectName : plainRouteName(route), {
          ...routeAnnotations(route),
          ...dnsAnnotations(route, environment),
        }),
        {
          ...classOf(environment),
          entryPoints: [entryPoint[entry]],
          routes: [routeGuard(route, environment, guards)],
          ...(entry === 'secure' ? { tls: tlsOf(route) } : {}),
        },
      ),
    ),
  );
  const hosts = hostGuards(routes, environment, guards);
  const shared = (['plain', 'secure'] as const).filter((entry) =>
    routes.some((route) => entriesOf(route).includes(entry)),
  );
  return hosts.length === 0
    ? own
    : [
        ...own,
        ...shared.map((entry) =>
          traefikObject('IngressRoute', meta(guardsName(app.name, entry)), {
            ...classOf(environment),
            entryPoints: [entryPoint[entry]],
            routes: [...hosts],
            ...(entry === 'secure' ? { tls: {} } : {}),
          }),
        ),
      ];
}
