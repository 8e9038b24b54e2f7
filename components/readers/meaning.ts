import { match } from '../model/match.ts';
import type { EdgeRequest, Lost, Outcome } from '../model/outcome.ts';
import { hostRank } from '../model/precedence.ts';
import type { MatchableRoute } from '../model/route-match.ts';
import { doubtsOf } from './answer.ts';
import { sharesOf } from './canaries.ts';
import { compareOrder, orderOf } from './edge-order.ts';
import { conditionsHold, hostTakes, pathTakes } from './edge-takes.ts';
import type { Reading, ReadRoute } from './read-route.ts';
import { mayMatch } from './redirect-expression.ts';
import { asTheEdgeReads, type ReadPath } from './request-path.ts';

/** What the routes of one edge do with a request, and why that may be otherwise. */
export interface ReadOutcome {
  readonly outcome: Outcome;
  /** The route that takes it; null: none does. */
  readonly winner: ReadRoute | null;
  /** Canaries that take a share of its requests. */
  readonly shares: readonly ReadRoute[];
  /** Why the outcome cannot be told for certain; empty where it can. */
  readonly doubts: readonly string[];
  /** The path as the edge compares it, where it differs from the one that was sent. */
  readonly readPath: string | null;
}

/**
 * What the routes of one edge do with a request, by that edge's own order and comparison. Where these are not known, or a
 * condition cannot be worked out, the doubts say so.
 */
export function matchRead({ routes, guards }: Table, request: EdgeRequest): ReadOutcome {
  const read = asTheEdgeReads(routes, request);
  if ('why' in read) return { ...nothing(match([], request)), doubts: read.refused ? [] : [read.why] };
  const served = routes.filter(({ schemes, share }) => schemes.includes(request.scheme) && !share);
  const challenge = read.path.startsWith('/.well-known/acme-challenge/');
  const taken = challenge ? served.filter((route) => route.challenge !== 'left') : served;
  const special = redirectOfHost(taken, read) ?? slashRedirect(taken, read);
  if (special !== null) return { ...special, readPath: read.changed ? read.path : null };
  const { first, lost } = select(taken, read);
  const [winner] = first;
  if (winner === undefined || isGuarded(winner, guards, read))
    return { ...nothing(noRoute(served, taken, read, lost)), doubts: [] };
  return {
    outcome: outcomeOf(winner, read, lost),
    winner,
    shares: sharesOf(winner, routes),
    doubts: [...doubtsOf(winner), ...redirectDoubts(winner, read), ...selectionDoubts(first, read)],
    readPath: read.changed ? read.path : null,
  };
}

/** The routes and guards of one edge. */
type Table = Pick<Reading, 'routes' | 'guards'>;

/** Whether a router that only refuses comes before a route. */
function isGuarded({ priority }: ReadRoute, guards: Table['guards'], read: ReadPath): boolean {
  return guards.some(
    (guard) =>
      guard.priority !== null &&
      guard.priority > (priority ?? 0) &&
      hostTakes({ match: guard.match, deepHost: false }, read.host) &&
      pathTakes({ match: guard.match, comparison: { kind: 'contract' } }, read.path) &&
      conditionsHold({ match: guard.match, queries: [] }, read) === null,
  );
}

/** Nobody takes the request; our own edge has refused some paths before. */
function noRoute(
  served: readonly ReadRoute[],
  taken: readonly ReadRoute[],
  read: ReadPath,
  lost: readonly Lost[],
): Outcome {
  const refuses = served.some(({ refusesOddPaths }) => refusesOddPaths) && /%2f/i.test(read.path);
  return refuses ? match([], read.request) : notFound(served, taken, read, lost);
}

function nothing(outcome: Outcome): Omit<ReadOutcome, 'doubts'> {
  return { outcome, winner: null, shares: [], readPath: null };
}

interface Selection {
  /** The route that takes the request, and behind it those of the same right or that only a condition keeps from it. */
  readonly first: readonly ReadRoute[];
  readonly lost: readonly Lost[];
}

function select(routes: readonly ReadRoute[], read: ReadPath): Selection {
  const known = routes.filter((route) => hostTakes(route, read.host));
  const group = known.reduce((best, route) => Math.max(best, hostRank(route.match.host)), 0);
  // Traefik has one flat list; for all others a host that is routed never falls through to a broader one.
  const judged = known.map((route) => ({ route, why: obstacle(route, group, read) }));
  const taking = judged
    .filter(({ why }) => why === null)
    .map(({ route }) => route)
    .toSorted((a, b) => compareOrder(orderOf(a), orderOf(b)) || (a.id < b.id ? -1 : 1));
  const [winner] = taking;
  const lost = judged
    .filter(({ route }) => route !== winner)
    .map(({ route, why }): Lost => ({ route: route.id, why: why ?? 'a more specific route takes it' }))
    .toSorted((a, b) => (a.route < b.route ? -1 : 1));
  return { first: taking, lost };
}

function obstacle(route: ReadRoute, group: number, read: ReadPath): Lost['why'] | null {
  if (route.dialect !== 'traefik' && hostRank(route.match.host) !== group) return 'a more specific host is routed';
  if (!pathTakes(route, read.path)) return 'path differs';
  return conditionsHold(route, read);
}

/** A redirect by an expression that may match the URL stands before the app. */
function redirectDoubts({ redirectExpressions }: ReadRoute, { request, host, target }: ReadPath): readonly string[] {
  const url = `${request.scheme}://${host}${target}`;
  return redirectExpressions
    .filter((expression) => mayMatch(expression, url))
    .map((expression) => `a redirect of what ${JSON.stringify(expression)} matches may answer instead`);
}

/** Why another route than the first may take the request. */
function selectionDoubts([winner, ...others]: readonly ReadRoute[], { path }: ReadPath): readonly string[] {
  if (winner === undefined) return [];
  const narrow = winner.fit === 'narrower' && winner.comparison.kind === 'contract' && !isExactly(winner, path);
  const [next] = others;
  const condition =
    narrow && next !== undefined ? [`a condition of ${winner.id} was not worked out; else ${next.id} takes it`] : [];
  const alone = narrow && next === undefined ? [`a condition of ${winner.id} was not worked out`] : [];
  const rivals = others.filter(
    (other) => other.source.subject !== winner.source.subject && compareOrder(orderOf(other), orderOf(winner)) === 0,
  );
  const expressions = others.filter(
    ({ comparison, protection }) => comparison.kind === 'expression' && protection.kind !== winner.protection.kind,
  );
  return [
    ...condition,
    ...alone,
    ...rivals.map(({ id }) => `${id} claims the same, and nothing here says which of the two answers`),
    ...expressions.map(({ id }) => `the expression of ${id} takes it as well, and asks otherwise`),
  ];
}

function isExactly({ match: { path } }: ReadRoute, asked: string): boolean {
  return path.kind === 'exact' && path.path === asked;
}

/** `app-root`: the root of a host is sent elsewhere before anything is asked. */
function redirectOfHost(routes: readonly ReadRoute[], read: ReadPath): ReadOutcome | null {
  if (read.path !== '/') return null;
  const route = routes.find(
    ({ appRoot, match: { host } }) =>
      appRoot !== null && host.kind !== 'any' && hostTakes({ match: { host }, deepHost: false }, read.host),
  );
  return route?.appRoot == null
    ? null
    : sentElsewhere(route, 302, `${read.request.scheme}://${read.host}${route.appRoot}`);
}

/** nginx answers 301 to what lacks only the slash at the end of a path that it passes on. */
function slashRedirect(routes: readonly ReadRoute[], read: ReadPath): ReadOutcome | null {
  const route = routes.find(
    (one) => one.dialect === 'ingress-nginx' && hostTakes(one, read.host) && slashed(one) === `${read.path}/`,
  );
  if (route === undefined) return null;
  const exact = routes.some(
    ({ match: wanted, dialect }) =>
      dialect === 'ingress-nginx' && wanted.path.kind === 'exact' && wanted.path.path === read.path,
  );
  return exact ? null : sentElsewhere(route, 301, `${read.request.scheme}://${read.host}${read.path}/${read.query}`);
}

function slashed({ comparison, match: { path } }: ReadRoute): string | null {
  if (comparison.kind === 'characters') return comparison.prefix.endsWith('/') ? comparison.prefix : null;
  return comparison.kind === 'contract' && path.kind === 'exact' && path.path.length > 1 && path.path.endsWith('/')
    ? path.path
    : null;
}

function sentElsewhere(route: ReadRoute, status: 301 | 302, location: string): ReadOutcome {
  const outcome: Outcome = { kind: 'redirect', route: route.id, status, location, asks: null, lost: [] };
  return { outcome, winner: route, shares: [], doubts: [], readPath: null };
}

/** What the route does with the request, once it is known to take it. */
function outcomeOf(route: ReadRoute, read: ReadPath, lost: readonly Lost[]): Outcome {
  const open = route.challenge === 'open' && read.path.startsWith('/.well-known/acme-challenge/');
  const { protection } = route;
  const asked: MatchableRoute['protection'] = protection.kind === 'unknown' || open ? { kind: 'open' } : protection;
  const alone: MatchableRoute = {
    ...route,
    protection: asked,
    match: { host: { kind: 'any' }, path: { kind: 'prefix', path: '/' }, methods: [], headers: [] },
    httpsRedirect: route.httpsRedirect && !open,
    allowFrom: open ? null : route.allowFrom,
  };
  const outcome = { ...match([alone], { ...read.request, target: read.target }, { acme: false }), lost };
  if (outcome.kind === 'redirect' && route.httpsRedirect && route.action.kind !== 'redirect') {
    const { get, other } = route.httpsStatus;
    return { ...outcome, status: ['GET', 'HEAD'].includes(read.request.method) ? get : other };
  }
  if (outcome.kind !== 'route') return outcome;
  const replaced = route.replacedPath === null ? outcome.upstreamPath : route.replacedPath;
  return {
    ...outcome,
    upstreamPath: replaced,
    upstreamTarget: `${replaced}${read.query}`,
    forwardedPrefix: route.tellsPrefix ? outcome.forwardedPrefix : null,
  };
}

function notFound(
  served: readonly ReadRoute[],
  taken: readonly ReadRoute[],
  { host }: ReadPath,
  lost: readonly Lost[],
): Outcome {
  const known = (routes: readonly ReadRoute[]) => routes.some((route) => hostTakes(route, host));
  if (taken.length < served.length && known(served))
    return { kind: 'notFound', status: 404, why: 'left to the certificate solver', lost };
  const missed = new Set(lost.map(({ why }) => why));
  const why = missed.has('headers differ')
    ? 'headers'
    : missed.has('method differs')
      ? 'method'
      : known(served)
        ? 'no route for path'
        : 'unknown host';
  return { kind: 'notFound', status: 404, why, lost };
}

/** The names of the edges that some route is on, sorted. */
export function edgesOf(routes: readonly ReadRoute[]): readonly string[] {
  return [...new Set(routes.map(({ edge }) => edge))].toSorted();
}
