import { hostRank, rank } from '../model/precedence.ts';
import type { ReadRoute } from './read-route.ts';

/** How much a route counts at its edge: compared part by part, the larger number first. */
type Order = readonly number[];

/** The order in which the edge of a route tries its routes. */
export function orderOf(route: ReadRoute): Order {
  const { match, queries, comparison } = route;
  const host = hostRank(match.host);
  const exact = match.path.kind === 'exact' ? 1 : 0;
  switch (route.dialect) {
    case 'traefik':
      return [route.priority ?? 0];
    case 'gateway':
      return [
        host,
        exact,
        match.path.path.length,
        match.methods.length > 0 ? 1 : 0,
        match.headers.length,
        queries.length,
      ];
    case 'ingress-nginx':
      return comparison.kind === 'expression' ? [host, comparison.text.length] : [host, exact, match.path.path.length];
    case 'edgeplane':
    case 'unread':
      return [rank(match)];
    default:
      return route.dialect satisfies never;
  }
}

/** Below zero where the first order comes first, zero where neither does. */
export function compareOrder(a: Order, b: Order): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (b[index] ?? 0) - (a[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
