import type { Route } from '../routing-table.ts';
import { decodedPath } from './encode.ts';

/** One location of a server: where it stands, and which route is served there; null: none, 404. */
export interface Place {
  readonly modifier: '=' | '^~';
  /** The decoded path, one character a byte. */
  readonly name: string;
  readonly route: Route | null;
  /** Whether every request here asks for the route's own path, or for something below it. */
  readonly covers: 'itself' | 'below';
}

/** Below this, certificate solvers answer. */
export const challengePrefix = '/.well-known/acme-challenge/';

/**
 * The locations of one host, sorted. nginx takes an exact one, else that with the longest name; every name begins with a
 * slash and none is a regular expression.
 */
export function placesOf(routes: readonly Route[], acme: boolean): readonly Place[] {
  const places = new Map<string, Place>();
  const put = (place: Place) => {
    const key = `${place.modifier} ${place.name}`;
    if (!places.has(key)) places.set(key, place);
  };
  for (const kind of ['exact', 'prefix', 'text'] as const)
    for (const route of routes) if (route.path.kind === kind) for (const place of ownPlaces(route)) put(place);
  if (acme) put({ modifier: '^~', name: challengePrefix, route: null, covers: 'below' });
  put({ modifier: '^~', name: '/', route: null, covers: 'below' });
  for (const { name, route } of [...places.values()]) {
    // nginx would answer a request for `/a` with a redirect to a location `/a/` that passes on.
    const bare = name.slice(0, -1);
    if (route !== null && bare !== '' && name.endsWith('/') && !places.has(`= ${bare}`)) put(shadowed(bare, routes));
  }
  return [...places.values()].toSorted(byName);
}

/** A path without what means nothing: the slash at the end of a prefix. */
export function canonicalPath({ kind, path }: Route['path']): string {
  return kind === 'prefix' && path !== '/' && path.endsWith('/') ? path.slice(0, -1) : path;
}

function ownPlaces(route: Route): readonly Place[] {
  const name = decodedPath(canonicalPath(route.path));
  if (route.path.kind === 'exact') return [{ modifier: '=', name, route, covers: 'itself' }];
  if (route.path.kind === 'text' || name === '/') return [{ modifier: '^~', name, route, covers: 'below' }];
  return [
    { modifier: '=', name, route, covers: 'itself' },
    { modifier: '^~', name: `${name}/`, route, covers: 'below' },
  ];
}

/** What takes exactly this path when no exact route and no prefix of that name does. */
function shadowed(name: string, routes: readonly Route[]): Place {
  const taking = routes
    .filter(({ path }) => path.kind !== 'exact')
    .map((route) => ({ route, from: decodedPath(canonicalPath(route.path)) }))
    .filter(({ route, from }) => name.startsWith(route.path.kind === 'text' || from === '/' ? from : `${from}/`))
    .toSorted((a, b) => b.from.length - a.from.length);
  return { modifier: '=', name, route: taking[0]?.route ?? null, covers: 'below' };
}

function byName(a: Place, b: Place): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.modifier === b.modifier ? 0 : a.modifier === '=' ? -1 : 1;
}
