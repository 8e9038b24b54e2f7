import type { ReadRoute } from './read-route.ts';

/**
 * Routes in which each canary of ingress-nginx has what it inherits from the Ingress whose requests it takes a share of:
 * a canary has no protection, no address list and no CORS of its own. One whose main Ingress is not among the objects
 * cannot be told.
 */
export function withInheritance(routes: readonly ReadRoute[]): readonly ReadRoute[] {
  const mains = new Map(routes.filter(({ share }) => !share).map((route) => [claimKey(route), route]));
  return routes.map((route) => {
    if (!route.share) return route;
    const main = mains.get(claimKey(route));
    if (main === undefined) return { ...route, protection: { kind: 'unknown', why: noMain } };
    const { protection, allowFrom, cors, notes } = main;
    return { ...route, protection, allowFrom, cors, notes: [...route.notes, ...notes] };
  });
}

const noMain = 'a canary inherits the protection of the Ingress beside it, which is not among these objects';

/** The canaries that take a share of the requests of a route. */
export function sharesOf(route: ReadRoute, routes: readonly ReadRoute[]): readonly ReadRoute[] {
  return routes.filter((other) => other.share && other !== route && claimKey(other) === claimKey(route));
}

function claimKey({ edge, match }: ReadRoute): string {
  return JSON.stringify([edge, match.host, match.path]);
}
