import { claimTheSame, hostRank, rank } from '../model/precedence.ts';
import type { HostMatch, PathMatch, RouteMatch } from '../model/route-match.ts';
import type { Note } from './kube-object.ts';
import type { Reading, ReadRoute } from './read-route.ts';

/**
 * Everything there is to tell of what was read: the notes of its routes and objects, routes that claim the same
 * requests, routes that their edge would ask in another order than the contract, hosts whose rest falls through to
 * broader hosts, and routes that ask nobody.
 */
export function judge(reading: Reading): readonly Note[] {
  const pairs = rivalPairs(reading.routes);
  return [
    ...reading.notes,
    ...reading.routes.flatMap(({ notes }) => notes),
    ...pairs.flatMap(([a, b]) => conflict(a, b) ?? disorder(a, b) ?? []),
    ...fallThrough(reading),
    ...reading.routes.flatMap((route) => openRoute(route) ?? []),
  ];
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

function hostKey(edge: string, host: HostMatch): string {
  return `${edge} ${host.kind} ${host.kind === 'exact' ? host.name : host.kind === 'wildcard' ? host.suffix : ''}`;
}

function broaderHosts(host: HostMatch): readonly HostMatch[] {
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

/** Two routes that claim the same, where no number of theirs decides. */
function conflict(a: ReadRoute, b: ReadRoute): Note | null {
  if (a.fit === 'narrower' || b.fit === 'narrower' || a.share || b.share) return null;
  if (!claimTheSame(a.match, b.match) || decides(a, b)) return null;
  return {
    severity: 'error',
    code: 'route-conflict',
    at: a.source.at,
    found: `the same host and match as ${b.id}`,
    expected: 'one route for one match',
    fix: 'Take one of the two away, or tell them apart by path, method or header.',
  };
}

function decides(a: ReadRoute, b: ReadRoute): boolean {
  return a.priority !== null && b.priority !== null && a.priority !== b.priority;
}

/** Two routes of which the edge asks the other one first than the contract would. */
function disorder(a: ReadRoute, b: ReadRoute): Note | null {
  if (a.priority === null || b.priority === null) return null;
  const [rankA, rankB] = [rank(a.match), rank(b.match)];
  if (rankA === rankB || (a.priority - b.priority) * (rankA - rankB) > 0) return null;
  const [first, second] = rankA > rankB ? [a, b] : [b, a];
  const words = a.priority === b.priority ? 'as much as' : 'less than';
  return {
    severity: 'note',
    code: 'priority-order',
    at: first.source.at,
    found: `priority ${first.priority}, ${words} the ${second.priority} of the less specific ${second.id}`,
    expected: 'the more specific route first',
    fix: `Give it a higher priority; until then ${a.priority === b.priority ? 'nobody can say which route answers' : 'the other route answers'}.`,
  };
}

/** Traefik has one flat list of routers: what the routes of a host leave goes on to wildcards and to routes without host. */
function fallThrough({ routes, guards }: Reading): readonly Note[] {
  const flat = routes.filter(({ priority }) => priority !== null);
  const closed = new Set(
    [...flat, ...guards]
      .filter(({ match }) => match.path.kind === 'prefix' && match.path.path === '/' && isUnconditional(match))
      .map(({ edge, match }) => hostKey(edge, match.host)),
  );
  const hosts = new Map(flat.map((route) => [hostKey(route.edge, route.match.host), route]));
  return [...hosts].flatMap(([key, { edge, match, source }]) => {
    const broader = broaderHosts(match.host).flatMap((host) => hosts.get(hostKey(edge, host)) ?? []);
    const [other] = broader.filter((route) => hostRank(route.match.host) < hostRank(match.host));
    if (closed.has(key) || other === undefined) return [];
    return {
      severity: 'note' as const,
      code: 'host-falls-through',
      at: source.at,
      found: `requests for this host that no route of it takes, which go on to ${other.id}`,
      expected: '404 for what the routes of a host do not take',
      fix: 'Add a router for the whole host that answers 404, below its other routers.',
    };
  });
}

function isUnconditional({ methods, headers }: RouteMatch): boolean {
  return methods.length === 0 && headers.length === 0;
}

function openRoute({ protection, action, source, httpsRedirect, schemes }: ReadRoute): Note | null {
  const redirects = action.kind === 'redirect' || (httpsRedirect && schemes.every((scheme) => scheme === 'http'));
  if (protection.kind !== 'open' || redirects) return null;
  return {
    severity: 'note',
    code: 'open-route',
    at: source.at,
    found: 'a route that asks nobody',
    expected: 'a protection, or a reason why everybody may come',
    fix: 'Protect it, or keep it as a route with `protection: { open: <reason> }`.',
  };
}
