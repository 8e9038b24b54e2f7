import { match } from '../model/match.ts';
import type { EdgeRequest, Outcome } from '../model/outcome.ts';
import type { MatchableRoute } from '../model/route-match.ts';
import type { ReadRoute } from './read-route.ts';

/**
 * What the routes of one edge do with a request, by the contract. Where the winner's protection is unknown `asks` is
 * null: ask the route.
 */
export function matchRead(routes: readonly ReadRoute[], request: EdgeRequest): Outcome {
  const served = routes.filter(({ schemes }) => schemes.includes(request.scheme));
  const taken = isChallenge(request) ? served.filter(({ challenge }) => challenge !== 'left') : served;
  const outcome = match(taken.map(matchable), request, { acme: false });
  const winner = 'route' in outcome ? taken.find(({ id }) => id === outcome.route) : undefined;
  const ordinary = winner === undefined ? taken.length === served.length : winner.challenge !== 'open';
  return ordinary ? outcome : match(served.map(matchable), request, { acme: true });
}

/** The names of the edges that some route is on, sorted. */
export function edgesOf(routes: readonly ReadRoute[]): readonly string[] {
  return [...new Set(routes.map(({ edge }) => edge))].toSorted();
}

function matchable(route: ReadRoute): MatchableRoute {
  const { protection } = route;
  return { ...route, protection: protection.kind === 'unknown' ? { kind: 'open' } : protection };
}

function isChallenge({ target }: EdgeRequest): boolean {
  return /^(?:https?:\/\/[^/?]*)?\/\.well-known\/acme-challenge\//i.test(target);
}
