import { claimTheSame, rank } from '../model/precedence.ts';
import type { HostMatch, PathMatch, RouteMatch } from '../model/route-match.ts';
import { answerOf } from './answer.ts';
import type { Note } from './kube-object.ts';
import type { ReadRoute } from './read-route.ts';

/**
 * Routes with what each pair of rivals has to be told: two that claim the same requests, and two that their edge asks in
 * another order than the contract. Where the one that loses asks and the other does not, its own answer is "cannot tell":
 * its requests may be served by the other.
 */
export function withRivals(routes: readonly ReadRoute[]): readonly ReadRoute[] {
  const found = new Map<string, Note[]>();
  for (const [a, b] of rivalPairs(routes)) {
    for (const { on, note } of conflict(a, b) ?? disorder(a, b)) found.set(on.id, [...(found.get(on.id) ?? []), note]);
  }
  return routes.map((route) => ({ ...route, notes: [...route.notes, ...(found.get(route.id) ?? [])] }));
}

/** What is told of two rivals, on one of them. */
interface Told {
  readonly on: ReadRoute;
  readonly note: Note;
}

/** The protection of a route that may be lost to another one, which does not ask. */
function shadowed(route: ReadRoute, other: ReadRoute): Told {
  const note: Note = {
    severity: 'doubt',
    code: 'shadowed-protection',
    at: route.source.at,
    found: `${other.id}, which may take its requests and does not ask: the protection may be lost`,
    expected: 'requests that no other route takes',
    fix: 'Mend what stands between the two routes.',
  };
  return { on: route, note };
}

type Pair = readonly [ReadRoute, ReadRoute];

/** Pairs of routes that some request may fit both of. Routes meet below their host only, or where a wildcard covers it. */
function rivalPairs(routes: readonly ReadRoute[]): readonly Pair[] {
  const byHost = new Map<string, ReadRoute[]>();
  for (const route of routes) {
    const key = hostKey(route.edge, route.match.host);
    const group = byHost.get(key);
    if (group === undefined) byHost.set(key, [route]);
    else group.push(route);
  }
  return [...byHost.values()].flatMap((group) =>
    group.flatMap((route, index) => {
      const broader = broaderHosts(route.match.host).flatMap((host) => byHost.get(hostKey(route.edge, host)) ?? []);
      return [...group.slice(index + 1), ...broader].flatMap((other): readonly Pair[] =>
        meet(route, other) ? [[route, other]] : [],
      );
    }),
  );
}

/** Routes meet only below the same key: the edge and the host. */
export function hostKey(edge: string, host: HostMatch): string {
  return `${edge} ${host.kind} ${host.kind === 'exact' ? host.name : host.kind === 'wildcard' ? host.suffix : ''}`;
}

export function broaderHosts(host: HostMatch): readonly HostMatch[] {
  if (host.kind === 'any') return [];
  if (host.kind === 'wildcard') return [{ kind: 'any' }];
  return [{ kind: 'wildcard', suffix: host.name.slice(host.name.indexOf('.') + 1) }, { kind: 'any' }];
}

function meet(a: ReadRoute, b: ReadRoute): boolean {
  return (
    a.schemes.some((scheme) => b.schemes.includes(scheme)) &&
    pathsMeet(a.match.path, b.match.path) &&
    conditionsMeet(a.match, b.match)
  );
}

function pathsMeet(a: PathMatch, b: PathMatch): boolean {
  return isBelow(a, b) || isBelow(b, a);
}

/** Whether some request for `a` is one for `b` because its path begins there. */
function isBelow(a: PathMatch, b: PathMatch): boolean {
  if (a.path === b.path) return true;
  return b.kind === 'prefix' && (b.path === '/' || a.path.startsWith(`${b.path}/`));
}

function conditionsMeet(a: RouteMatch, b: RouteMatch): boolean {
  const methods = a.methods.length === 0 || b.methods.length === 0 || a.methods.some((one) => b.methods.includes(one));
  return (
    methods && a.headers.every((one) => b.headers.every(({ name, value }) => name !== one.name || value === one.value))
  );
}

/** Two routes that claim the same, where no number of theirs decides; null: they do not. */
function conflict(a: ReadRoute, b: ReadRoute): readonly Told[] | null {
  if (a.fit === 'narrower' || b.fit === 'narrower' || a.share || b.share) return null;
  if (!claimTheSame(a.match, b.match) || decides(a, b) || !sameQueries(a, b)) return null;
  const [first, second] = [answerOf(a), answerOf(b)];
  const lost = first !== second && (first === 'asks' || second === 'asks');
  const note: Note = {
    severity: 'error',
    code: 'route-conflict',
    at: a.source.at,
    found: `the same host and match as ${b.id}${lost ? ', and only one of the two asks: the protection may be lost' : ''}`,
    expected: 'one route for one match',
    fix: 'Take one of the two away, or tell them apart by path, method or header.',
  };
  return [{ on: a, note }, ...(lost ? [first === 'asks' ? shadowed(a, b) : shadowed(b, a)] : [])];
}

function sameQueries(a: ReadRoute, b: ReadRoute): boolean {
  return JSON.stringify(a.queries) === JSON.stringify(b.queries);
}

function decides(a: ReadRoute, b: ReadRoute): boolean {
  return a.priority !== null && b.priority !== null && a.priority !== b.priority;
}

/** Two routes of which the edge asks the other one first than the contract would. */
function disorder(a: ReadRoute, b: ReadRoute): readonly Told[] {
  if (a.priority === null || b.priority === null) return [];
  const [rankA, rankB] = [rank(a.match), rank(b.match)];
  if (rankA === rankB || (a.priority - b.priority) * (rankA - rankB) > 0) return [];
  const [first, second] = rankA > rankB ? [a, b] : [b, a];
  const bypassed = answerOf(first) === 'asks' && answerOf(second) !== 'asks';
  return [{ on: first, note: disorderNote(first, second, bypassed) }, ...(bypassed ? [shadowed(first, second)] : [])];
}

function disorderNote(first: ReadRoute, second: ReadRoute, bypassed: boolean): Note {
  const equal = first.priority === second.priority;
  const words = `${equal ? 'as much as' : 'less than'} the ${second.priority} of the less specific ${second.id}`;
  return {
    severity: bypassed ? 'error' : 'note',
    code: bypassed ? 'protection-bypassed' : 'priority-order',
    at: first.source.at,
    found: `priority ${first.priority}, ${words}${bypassed ? ', which does not ask' : ''}`,
    expected: 'the more specific route first',
    fix: `Give it a higher priority; until then ${equal ? 'nobody can say which route answers' : 'the other route answers'}.`,
  };
}
