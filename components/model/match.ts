import { addressIn } from './address.ts';
import type { Asks, EdgeRequest, Lost, MatchOptions, Outcome } from './outcome.ts';
import { hostRank, rank } from './precedence.ts';
import { hostMatches, readHost } from './request-host.ts';
import { type RequestTarget, readTarget } from './request-target.ts';
import type { MatchableRoute, PathMatch } from './route-match.ts';

export type { EdgeRequest, MatchOptions, Outcome } from './outcome.ts';

/** The header that carries an API key. */
export const apiKeyHeader = 'X-ROUTING-API-KEY';

const acmePrefix = '/.well-known/acme-challenge';

/** What was read from a request once, for every route that is tried. */
interface Arrived {
  readonly request: EdgeRequest;
  readonly target: Extract<RequestTarget, { ok: true }>;
  readonly host: string;
  /** Host and port as sent, in lower case. */
  readonly authority: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly challenge: boolean;
}

/**
 * The meaning of a route table: what happens to one request. Pure and total; the order of the table does not matter.
 * Its sentences are those of docs/routing-contract.md.
 */
export function match(table: readonly MatchableRoute[], request: EdgeRequest, options: MatchOptions = {}): Outcome {
  const arrived = arrive(request, options.acme ?? true);
  if ('why' in arrived) return refuse(arrived.why, null, []);
  const { winner, lost, closest } = select(table, arrived);
  if (arrived.target.encodedSlash && winner?.encodedSlash !== 'allow')
    return refuse('an encoded slash (%2F)', winner?.id ?? null, lost);
  if (winner === undefined) return { kind: 'notFound', status: 404, why: closest, lost };
  return answer(winner, arrived, lost);
}

function refuse(why: string, route: string | null, lost: readonly Lost[]): Outcome {
  return { kind: 'refused', status: 400, why, route, lost };
}

function arrive(request: EdgeRequest, acme: boolean): Arrived | { readonly why: string } {
  const target = readTarget(request.target);
  if (!target.ok) return { why: target.why };
  const authority = target.authority ?? request.host;
  const host = readHost(authority);
  if (host === null) return { why: 'a Host that is no host name' };
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const challenge = acme && target.path.startsWith(`${acmePrefix}/`);
  return { request, target, host, authority: authority.toLowerCase(), headers, challenge };
}

type NotFoundWhy = Extract<Outcome, { kind: 'notFound' }>['why'];

interface Selection {
  readonly winner: MatchableRoute | undefined;
  readonly lost: readonly Lost[];
  readonly closest: NotFoundWhy;
}

function select(table: readonly MatchableRoute[], arrived: Arrived): Selection {
  const known = table.filter((route) => hostMatches(route.match.host, arrived.host));
  const group = known.reduce((best, route) => Math.max(best, hostRank(route.match.host)), 0);
  const judged = known.map((route) => ({ route, why: obstacle(route, group, arrived) }));
  const winner = judged
    .filter(({ why }) => why === null)
    .map(({ route }) => route)
    .reduce<MatchableRoute | undefined>(
      (best, route) => (best === undefined || beats(route, best) ? route : best),
      undefined,
    );
  const lost = judged
    .filter(({ route }) => route !== winner)
    .map(({ route, why }): Lost => ({ route: route.id, why: why ?? 'a more specific route takes it' }))
    .toSorted((a, b) => compareText(a.route, b.route));
  return { winner, lost, closest: closestMiss(lost) };
}

/** Why a route of this host cannot take the request; null: it can. */
function obstacle({ match: wanted }: MatchableRoute, group: number, arrived: Arrived): Lost['why'] | null {
  if (hostRank(wanted.host) !== group) return 'a more specific host is routed';
  if (!pathMatches(wanted.path, arrived.target.path)) return 'path differs';
  if (arrived.challenge && !namesChallenge(wanted.path)) return 'left to the certificate solver';
  if (wanted.methods.length > 0 && !wanted.methods.includes(arrived.request.method)) return 'method differs';
  return wanted.headers.every(({ name, value }) => arrived.headers.get(name.toLowerCase()) === value)
    ? null
    : 'headers differ';
}

function pathMatches(wanted: PathMatch, path: string): boolean {
  if (wanted.kind === 'exact') return path === wanted.path;
  const prefix = withoutSlash(wanted.path);
  return path === prefix || path.startsWith(`${prefix}/`);
}

function namesChallenge({ path }: PathMatch): boolean {
  return path === acmePrefix || path.startsWith(`${acmePrefix}/`);
}

/** By rank; the smaller id where two routes claim the same, which no resolved table holds. */
function beats(route: MatchableRoute, other: MatchableRoute): boolean {
  const difference = rank(route.match) - rank(other.match);
  return difference > 0 || (difference === 0 && compareText(route.id, other.id) < 0);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of all misses the one that came furthest. */
function closestMiss(lost: readonly Lost[]): NotFoundWhy {
  const missed = new Set(lost.map(({ why }) => why));
  if (lost.length === 0) return 'unknown host';
  if (missed.has('headers differ')) return 'headers';
  if (missed.has('method differs')) return 'method';
  return missed.has('left to the certificate solver') ? 'left to the certificate solver' : 'no route for path';
}

function answer(route: MatchableRoute, arrived: Arrived, lost: readonly Lost[]): Outcome {
  const { request, target, challenge } = arrived;
  if (request.scheme === 'http' && route.httpsRedirect && !challenge) {
    const location = `https://${arrived.host}${target.rawPath}${target.query}`;
    return { kind: 'redirect', route: route.id, status: 308, location, asks: null, lost };
  }
  if (route.allowFrom !== null && request.clientAddress !== undefined && !challenge) {
    if (!addressIn(request.clientAddress, route.allowFrom))
      return { kind: 'refused', status: 403, why: 'the client address is not in allowFrom', route: route.id, lost };
  }
  if (route.cors !== null && isPreflight(arrived)) return { kind: 'preflight', route: route.id, lost };
  const asks = challenge ? null : asked(route.protection, arrived);
  if (route.action.kind === 'redirect') {
    const location = redirectLocation(route.action, arrived);
    return { kind: 'redirect', route: route.id, status: route.action.status, location, asks, lost };
  }
  const { path, forwardedPrefix } = rewritten(route.rewrite, target.path);
  const upgrade = route.websocket && asksForWebsocket(arrived);
  const upstream = { upstreamTarget: `${path}${target.query}`, upstreamPath: path, forwardedPrefix, upgrade };
  return { kind: 'route', route: route.id, asks, ...upstream, lost };
}

function asked(protection: MatchableRoute['protection'], { request, target, authority }: Arrived): Asks | null {
  switch (protection.kind) {
    case 'open':
      return null;
    case 'forwardAuth': {
      const { kind, url, responseHeaders, signIn } = protection;
      const forwarded = { forwardedUri: `${target.rawPath}${target.query}`, forwardedHost: authority };
      return { kind, url, ...forwarded, forwardedMethod: request.method, responseHeaders, signIn };
    }
    case 'apiKey':
      return { kind: protection.kind, header: apiKeyHeader, secret: protection.secret, key: protection.key };
    case 'bearer':
      return { kind: protection.kind, header: 'Authorization', secret: protection.secret, key: protection.key };
    case 'basicAuth':
      return { kind: protection.kind, secret: protection.secret, realm: protection.realm };
    default:
      return protection satisfies never;
  }
}

/** The path upstream: the prefix is replaced by whole segments, and told where it is not `/`. */
function rewritten(rewrite: MatchableRoute['rewrite'], path: string) {
  if (rewrite.kind === 'none') return { path, forwardedPrefix: null };
  const from = withoutSlash(rewrite.from);
  const replaced = `${withoutSlash(rewrite.to)}${path.slice(from.length)}`;
  return { path: replaced === '' ? '/' : replaced, forwardedPrefix: from === '' ? null : from };
}

function redirectLocation(action: Extract<MatchableRoute['action'], { kind: 'redirect' }>, arrived: Arrived): string {
  if (action.to !== null) return action.to;
  const { request, target, authority } = arrived;
  const moved = action.scheme !== null && action.scheme !== request.scheme;
  const host = action.host ?? (moved ? arrived.host : authority);
  return `${action.scheme ?? request.scheme}://${host}${action.path ?? target.rawPath}${target.query}`;
}

function isPreflight({ request, headers }: Arrived): boolean {
  return request.method === 'OPTIONS' && headers.has('origin') && headers.has('access-control-request-method');
}

function asksForWebsocket({ headers }: Arrived): boolean {
  const connection = (headers.get('connection') ?? '').toLowerCase().split(',');
  return (
    connection.some((token) => token.trim() === 'upgrade') && headers.get('upgrade')?.toLowerCase() === 'websocket'
  );
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
