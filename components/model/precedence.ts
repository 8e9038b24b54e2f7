import type { HostMatch, RouteMatch } from './route-match.ts';

/** The most headers one route may match on; `rank` has room for as many. */
export const maxMatchHeaders = 15;

/**
 * How specific a route is, as one number below 2^16: a higher one wins. A function of the route alone, so that no other
 * route can change it. From the strongest part: exact host, wildcard, none; exact path, longer prefix by segments;
 * methods named (fewer are more); number of headers.
 */
export function rank(match: RouteMatch): number {
  const host = hostRank(match.host);
  const path = match.path.kind === 'exact' ? 127 : segments(match.path.path);
  const methods = match.methods.length === 0 ? 0 : Math.max(1, 8 - match.methods.length);
  const headers = Math.min(match.headers.length, maxMatchHeaders);
  return ((host * 128 + Math.min(path, 127)) * 8 + methods) * 16 + headers;
}

/** 2 exact, 1 wildcard, 0 none. */
export function hostRank(host: HostMatch): 0 | 1 | 2 {
  switch (host.kind) {
    case 'exact':
      return 2;
    case 'wildcard':
      return 1;
    case 'any':
      return 0;
    default:
      return host satisfies never;
  }
}

/**
 * Whether two routes claim the same requests with the same right: some request fits both and neither is more specific.
 * Of two such routes no edge can say which wins, so together they are a Problem.
 */
export function claimTheSame(a: RouteMatch, b: RouteMatch): boolean {
  return rank(a) === rank(b) && sameHost(a.host, b.host) && samePath(a, b) && methodsMeet(a, b) && headersMeet(a, b);
}

function segments(path: string): number {
  return path.split('/').filter((segment) => segment !== '').length;
}

function sameHost(a: HostMatch, b: HostMatch): boolean {
  if (a.kind === 'exact') return b.kind === 'exact' && a.name === b.name;
  if (a.kind === 'wildcard') return b.kind === 'wildcard' && a.suffix === b.suffix;
  return b.kind === 'any';
}

function samePath(a: RouteMatch, b: RouteMatch): boolean {
  return a.path.kind === b.path.kind && a.path.path === b.path.path;
}

function methodsMeet(a: RouteMatch, b: RouteMatch): boolean {
  return a.methods.length === 0 || b.methods.length === 0 || a.methods.some((method) => b.methods.includes(method));
}

function headersMeet(a: RouteMatch, b: RouteMatch): boolean {
  return a.headers.every(({ name, value }) => b.headers.every((other) => other.name !== name || other.value === value));
}
