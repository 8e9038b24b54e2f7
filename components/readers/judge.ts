import { hostRank } from '../model/precedence.ts';
import type { RouteMatch } from '../model/route-match.ts';
import { onlyRedirects } from './answer.ts';
import type { Note } from './kube-object.ts';
import type { Reading, ReadRoute } from './read-route.ts';
import { broaderHosts, hostKey } from './rivals.ts';

/**
 * Everything there is to tell of what was read: the notes of its routes and objects, hosts whose rest falls through to
 * broader hosts, and routes that ask nobody.
 */
export function judge(reading: Reading): readonly Note[] {
  return [
    ...withoutRepeats([...reading.notes, ...reading.routes.flatMap(({ notes }) => notes)]),
    ...fallThrough(reading),
    ...reading.routes.flatMap((route) => openRoute(route) ?? untold(route) ?? []),
  ];
}

/** A note of an object stands on each of its routes, and is told once. */
function withoutRepeats(notes: readonly Note[]): readonly Note[] {
  const told = new Map(
    notes.map((note) => [[note.at.subject, note.at.path, note.code, note.found].join('\u0000'), note]),
  );
  return [...told.values()];
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

/** A protection that cannot be told, where no error of the route says so already. */
function untold({ protection, notes, source }: ReadRoute): Note | null {
  if (protection.kind !== 'unknown' || notes.some(({ severity }) => severity !== 'note')) return null;
  return {
    severity: 'doubt',
    code: 'untold-protection',
    at: source.at,
    found: `a route of which it cannot be told whether it asks: ${protection.why}`,
    expected: 'a protection that this reader understands',
    fix: 'Find out by hand who may pass.',
  };
}

function openRoute(route: ReadRoute): Note | null {
  if (route.protection.kind !== 'open' || onlyRedirects(route)) return null;
  return {
    severity: 'note',
    code: 'open-route',
    at: route.source.at,
    found: 'a route that asks nobody',
    expected: 'a protection, or a reason why everybody may come',
    fix: 'Protect it, or keep it as a route with `protection: { open: <reason> }`.',
  };
}
