import type { ReadRoute } from './read-route.ts';

/**
 * The three answers of a reader about a route: somebody is asked before the app is called, nobody is, or the objects
 * hold something about it that the reader does not understand.
 */
export const answers = ['asks', 'open', 'cannot tell'] as const;
export type Answer = (typeof answers)[number];

/** Whether the route asks. It does so only where everything that bears on it was understood. */
export function answerOf({ protection, notes }: Pick<ReadRoute, 'protection' | 'notes'>): Answer {
  if (protection.kind === 'unknown' || notes.some(({ severity }) => severity === 'doubt')) return 'cannot tell';
  return protection.kind === 'open' ? 'open' : 'asks';
}

/** Why the answer is "cannot tell"; empty where it is another. */
export function doubtsOf({ protection, notes }: Pick<ReadRoute, 'protection' | 'notes'>): readonly string[] {
  const told = notes.filter(({ severity }) => severity === 'doubt').map(({ found }) => found);
  return protection.kind === 'unknown' ? [protection.why, ...told] : told;
}

/** Whether the route only sends clients elsewhere, so that no app is reached by it. */
export function onlyRedirects({ action, httpsRedirect, schemes }: ReadRoute): boolean {
  return action.kind === 'redirect' || (httpsRedirect && schemes.every((scheme) => scheme === 'http'));
}

/** How many routes have each answer; redirects alone are counted apart. */
export function countAnswers(routes: readonly ReadRoute[]): Readonly<Record<Answer | 'redirects', number>> {
  const count = { asks: 0, open: 0, 'cannot tell': 0, redirects: 0 };
  for (const route of routes) {
    const answer = answerOf(route);
    count[answer === 'open' && onlyRedirects(route) ? 'redirects' : answer] += 1;
  }
  return count;
}
