import type { Plan, RoutePlan } from './plan.ts';

/** The headers that the app behind a route believes because somebody vouches for them. In lower case, sorted. */
export type IdentityHeaders = (route: RoutePlan) => readonly string[];

/**
 * Identity follows the Service that gets the request: an app believes a header whichever of its routes a request came by,
 * those of other apps and of EdgeRoutes included. For each route these are the names that any route to one of its
 * Services vouches for by forward auth, and the `identityHeaders` of the environment. The route lets in only those that
 * it vouches for itself.
 */
export function identityHeaders({ routes, environment }: Pick<Plan, 'routes' | 'environment'>): IdentityHeaders {
  const everywhere = environment.identityHeaders.map(lower);
  const vouched = new Map<string, Set<string>>();
  for (const route of routes) {
    for (const service of servicesOf(route)) {
      const own = vouched.get(service) ?? new Set<string>();
      for (const name of vouchedBy(route)) own.add(name);
      vouched.set(service, own);
    }
  }
  return (route) => {
    const services = servicesOf(route);
    if (services.length === 0) return [];
    const names = services.flatMap((service) => [...(vouched.get(service) ?? [])]);
    return [...new Set([...everywhere, ...names])].toSorted();
  };
}

/** Of the headers that the app behind a route believes those that this route has nobody vouch for: it lets none of them in. */
export function unvouchedHeaders(route: RoutePlan, identity: IdentityHeaders): readonly string[] {
  const own = new Set(vouchedBy(route));
  return identity(route).filter((name) => !own.has(name));
}

/** What a route itself vouches for, in lower case. */
function vouchedBy({ protection }: Pick<RoutePlan, 'protection'>): readonly string[] {
  return protection.kind === 'forwardAuth' ? protection.responseHeaders.map(lower) : [];
}

function servicesOf({ action }: RoutePlan): readonly string[] {
  return action.kind === 'forward' ? action.targets.map(({ namespace, service }) => `${namespace}/${service}`) : [];
}

function lower(name: string): string {
  return name.toLowerCase();
}
