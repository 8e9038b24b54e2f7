import type { Loss } from '../../../model/problem.ts';
import { hostText } from '../../../model/route-match.ts';
import { type IdentityHeaders, identityHeaders, unvouchedHeaders } from '../../identity.ts';
import type { AppPlan, EnvironmentPlan, Plan, RoutePlan } from '../../plan.ts';
import { groupBy } from '../../resolve/grouping.ts';
import { fate, lossesAmong, withoutRepeats } from '../asked.ts';
import { namesOf } from './names.ts';
import { podPort, sideOf } from './target.ts';

/** What this plan loses on the pods edge. */
export function planLosses(plan: Plan): readonly Loss[] {
  const { environment, apps, routes } = plan;
  const identity = identityHeaders(plan);
  const own = groupBy(routes, ({ namespace, app }) => `${namespace}/${app}`);
  const parts = apps.map((app) => {
    const all = own.get(`${app.namespace}/${app.name}`) ?? [];
    const kept = all.filter((route) => fate(namesOf(route, app, environment), environment) !== 'leftOut');
    return { app, routes: all, kept };
  });
  const keyed = keyedNamespaces(parts.flatMap(({ kept }) => kept));
  return withoutRepeats(parts.flatMap((part) => appLosses(part, environment, keyed, identity)));
}

interface AppRoutes {
  readonly app: AppPlan;
  readonly routes: readonly RoutePlan[];
  /** Without those that are left out. */
  readonly kept: readonly RoutePlan[];
}

function appLosses(
  { app, routes, kept }: AppRoutes,
  environment: EnvironmentPlan,
  keyed: ReadonlySet<string>,
  identity: IdentityHeaders,
): readonly Loss[] {
  const sides = groupBy(kept, (route) => sideOf(route, environment));
  return routes.flatMap((route) => {
    const side = sides.get(sideOf(route, environment)) ?? [];
    const names = [
      ...namesOf(route, app, environment),
      ...(route.protection.kind === 'open' && keyed.has(route.namespace) ? ['key-for-all'] : []),
      ...(unvouchedHeaders(route, identity).length === 0 ? [] : ['identity-headers']),
      ...(kept.includes(route) && !isProduct(side, app) ? ['host-path-product'] : []),
    ];
    return lossesAmong(names, environment, route.at);
  });
}

/** Whether every path stands on every host, which is all that two annotations can say. */
function isProduct(routes: readonly RoutePlan[], app: AppPlan): boolean {
  const hosts = new Set(routes.map(({ match }) => hostText(match.host)));
  const paths = new Set(routes.map((route) => `${podPort(route, app)}:${route.match.path.path}`));
  const pairs = new Set(
    routes.map((route) => `${hostText(route.match.host)} ${podPort(route, app)}:${route.match.path.path}`),
  );
  return pairs.size === hosts.size * paths.size;
}

/** Namespaces where some route asks for a key: there is the Secret, and while it is there no route is open at any door. */
function keyedNamespaces(routes: readonly RoutePlan[]): ReadonlySet<string> {
  return new Set(routes.filter(({ protection }) => protection.kind === 'apiKey').map(({ namespace }) => namespace));
}
