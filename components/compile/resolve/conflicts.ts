import { rank } from '../../model/precedence.ts';
import type { Problem } from '../../model/problem.ts';
import { hostText } from '../../model/route-match.ts';
import type { HeaderValue, RoutePlan } from '../plan.ts';
import { groupBy } from './grouping.ts';
import { describe } from './routes.ts';

/**
 * Two routes that claim the same request with the same right are a problem: no edge could say which wins. The meaning
 * is `claimTheSame` of the model, found here by index, so that ten thousand routes cost ten thousand steps.
 */
export function reportConflicts(routes: readonly RoutePlan[], problems: Problem[]): void {
  const groups = groupBy(routes, ({ match: { host, path } }) => `${hostText(host)} ${path.kind} ${path.path}`);
  for (const group of groups.values()) if (group.length > 1) reportGroup(group, problems);
}

/** Routes of one host and path. Only those of one rank can tie. */
function reportGroup(group: readonly RoutePlan[], problems: Problem[]): void {
  const ranks = groupBy(group, ({ match }) => String(rank(match)));
  for (const tied of ranks.values()) {
    if (tied.length < 2) continue;
    const byNames = [...groupBy(tied, ({ match }) => match.headers.map(({ name }) => name).join(' ')).values()];
    const reported = new Set<RoutePlan>();
    for (const [index, some] of byNames.entries()) {
      reportWithin(some, reported, problems);
      for (const others of byNames.slice(index + 1)) reportAcross(some, others, reported, problems);
    }
  }
}

/** Routes that match on the same header names meet when all values are equal and methods meet. */
function reportWithin(routes: readonly RoutePlan[], reported: Set<RoutePlan>, problems: Problem[]): void {
  const claims = new Map<string, RoutePlan>();
  for (const route of routes)
    for (const key of claimKeys(route, route.match.headers)) {
      const first = claims.get(key);
      if (first === undefined) claims.set(key, route);
      else reportPair(first, route, reported, problems);
    }
}

/** Routes that match on different header names meet when the values of shared names are equal and methods meet. */
function reportAcross(
  some: readonly RoutePlan[],
  others: readonly RoutePlan[],
  reported: Set<RoutePlan>,
  problems: Problem[],
): void {
  const names = new Set(others[0]?.match.headers.map(({ name }) => name));
  const shared = new Set(some[0]?.match.headers.map(({ name }) => name).filter((name) => names.has(name)));
  const only = (route: RoutePlan) => route.match.headers.filter(({ name }) => shared.has(name));
  const claims = new Map<string, RoutePlan>();
  for (const route of some)
    for (const key of claimKeys(route, only(route))) if (!claims.has(key)) claims.set(key, route);
  for (const route of others) {
    const first = claimKeys(route, only(route)).map((key) => claims.get(key));
    for (const claimed of first) if (claimed !== undefined) reportPair(claimed, route, reported, problems);
  }
}

/** One key for each method; of one rank, either all routes name methods or none does. */
function claimKeys({ match }: RoutePlan, headers: readonly HeaderValue[]): readonly string[] {
  const values = JSON.stringify(headers.map(({ value }) => value));
  return (match.methods.length === 0 ? ['*'] : match.methods).map((method) => `${method} ${values}`);
}

function reportPair(first: RoutePlan, route: RoutePlan, reported: Set<RoutePlan>, problems: Problem[]): void {
  if (reported.has(route)) return;
  reported.add(route);
  const { host, path, methods, headers } = route.match;
  const conditions = [...methods, ...headers.map(({ name, value }) => `${name}: ${value}`)];
  const what = `${path.kind} ${path.path} on host "${hostText(host)}"`;
  problems.push({
    code: 'route-conflict',
    at: route.at,
    found: `${what}${conditions.length === 0 ? '' : ` (${conditions.join(', ')})`} of ${describe(route)}, claimed by ${describe(first)} too`,
    expected: 'each request claimed by one route',
    fix: 'Change the host, path, methods or headers of one of the two, or take it away.',
  });
}
