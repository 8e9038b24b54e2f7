import type { RouteAction } from '../components/compile/plan.ts';
import type { EdgeRequest, Outcome } from '../components/model/outcome.ts';
import { rank } from '../components/model/precedence.ts';
import { answerOf, countAnswers, doubtsOf, onlyRedirects } from '../components/readers/answer.ts';
import { edgesOf, matchRead, type ReadOutcome } from '../components/readers/meaning.ts';
import type { Reading, ReadProtection, ReadRoute } from '../components/readers/read-route.ts';
import { answerWords, askedFacts, type Fact, matchFact } from './explanation.ts';
import { actionWords, headerWords, hostWords, methodWords, pathWords } from './route-words.ts';

/** What was read, in words: `5 routes of 3 objects (open: 1, cannot tell: 1, asks: 3)`. */
export function readingWords({ routes }: Pick<Reading, 'routes'>): string {
  const objects = new Set(routes.map(({ source }) => source.subject)).size;
  const count = (number: number, one: string) => `${number} ${one}${number === 1 ? '' : 's'}`;
  const { open, asks, redirects, 'cannot tell': untold } = countAnswers(routes);
  const sent = redirects === 0 ? '' : `, redirects: ${redirects}`;
  const answers = `open: ${open}, cannot tell: ${untold}, asks: ${asks}${sent}`;
  return `${count(routes.length, 'route')} of ${count(objects, 'object')} (${answers})`;
}

/** The kinds that route requests and that no reader reads, as a line for a person; empty where there are none. */
export function unreadWords({ unread }: Pick<Reading, 'unread'>): readonly string[] {
  const kinds = Object.entries(unread).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (kinds.length === 0) return [];
  return [`not read, though they route requests: ${kinds.map(([kind, number]) => `${kind} (${number})`).join(', ')}`];
}

/** The routes that were read, by edge and host, the one that is asked first on top. */
export function sortedRoutes(routes: readonly ReadRoute[]): readonly ReadRoute[] {
  const key = ({ edge, match, id }: ReadRoute) =>
    [edge, hostWords(match.host), String(100_000 - rank(match)), id].join('\u0000');
  return routes
    .map((route) => [key(route), route] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, route]) => route);
}

/** A row of the table. A path or host that the edge takes in another way than it is told here is marked. */
export function readRow(route: ReadRoute): Readonly<Record<string, string>> {
  const { host, path, methods, headers } = route.match;
  return {
    host: hostWords(host),
    path: `${pathWords(path)}${route.fit === 'same' ? '' : ` (${route.fit})`}`,
    methods: headers.length === 0 ? methodWords(methods) : `${methodWords(methods)} with ${headerWords(headers)}`,
    to: targetWords(route),
    protection: readProtectionWords(route),
    from: route.allowFrom === null ? '' : route.allowFrom.join(', '),
    tls: 'name' in route.tls ? `${route.tls.kind} ${route.tls.name}` : route.tls.kind,
    edge: route.edge,
    object: route.source.subject,
  };
}

/** A row as data. */
export function readData(route: ReadRoute) {
  const { id, edge, source, match, action, backend, protection, allowFrom, rewrite, tls, fit, notes } = route;
  const told = { answer: answerOf(route), doubts: doubtsOf(route) };
  return {
    id,
    edge,
    object: source.subject,
    match,
    action,
    backend,
    ...told,
    protection,
    allowFrom,
    rewrite,
    tls,
    fit,
    notes,
  };
}

function readProtectionWords(route: ReadRoute): string {
  const [doubt] = doubtsOf(route);
  return doubt === undefined ? askedWords(route.protection) : `cannot tell: ${doubt}`;
}

function askedWords(protection: ReadProtection): string {
  switch (protection.kind) {
    case 'open':
      return 'open';
    case 'forwardAuth':
      return `forward auth: ${protection.url}`;
    case 'apiKey':
    case 'bearer':
      return `${protection.kind === 'apiKey' ? 'API key' : 'bearer token'}: ${protection.secret}:${protection.key}`;
    case 'basicAuth':
      return `basic auth: ${protection.secret}`;
    case 'unknown':
      return `cannot tell: ${protection.why}`;
    default:
      return protection satisfies never;
  }
}

function targetWords(route: ReadRoute): string {
  const { action, backend, httpsStatus } = route;
  if (action.kind === 'forward' && onlyRedirects(route)) return `${httpsStatus.get} to https://{host}{path}`;
  return action.kind === 'forward' ? backend : actionWords(action as RouteAction);
}

/** What one edge does with a request. */
export interface EdgeAnswer {
  readonly edge: string;
  readonly outcome: Outcome;
  /** Why the outcome cannot be told for certain. */
  readonly doubts: readonly string[];
  readonly facts: readonly Fact[];
}

/** What each edge of the objects does with a request. Edges that do not know its host come only where no edge does. */
export function explainReading({ routes, guards }: Reading, request: EdgeRequest): readonly EdgeAnswer[] {
  const answers = edgesOf(routes).map((edge): EdgeAnswer => {
    const own = routes.filter((route) => route.edge === edge);
    const read = matchRead({ routes: own, guards: guards.filter((guard) => guard.edge === edge) }, request);
    return { edge, outcome: read.outcome, doubts: read.doubts, facts: [['edge', edge], ...readFacts(read, request)] };
  });
  const known = answers.filter(({ outcome }) => outcome.kind !== 'notFound' || outcome.why !== 'unknown host');
  return known.length === 0 ? answers : known;
}

function readFacts(read: ReadOutcome, request: EdgeRequest): readonly Fact[] {
  const { outcome, winner: route, doubts, shares, readPath } = read;
  const lost = outcome.lost.map(({ route: other, why }): Fact => ['lost', `${other}: ${why}`]);
  const path: readonly Fact[] = readPath === null ? [] : [['read as', readPath]];
  if (route === null) return [['answer', answered(doubts, outcome)], ...path, ...doubts.map(doubtFact), ...lost];
  const asks = 'asks' in outcome ? outcome.asks : null;
  return [
    ['answer', answered(doubts, outcome)],
    ...doubts.map(doubtFact),
    ['route', route.id],
    ...whereWritten(route),
    matchFact(route.match),
    ...path,
    ...(asks === null ? [] : askedFacts(asks)),
    ...(outcome.kind === 'route' ? upstreamFacts(outcome, route, request) : []),
    ...shares.map(
      (share): Fact => ['share', `some of these requests go to ${share.backend} by ${share.source.subject}`],
    ),
    ...(route.allowFrom === null ? [] : [['only from', route.allowFrom.join(', ')] as const]),
    ...route.notes.map(({ found, fix }): Fact => ['note', `${found}. ${fix}`]),
    ...lost,
  ];
}

function whereWritten({ source: { at } }: ReadRoute): readonly Fact[] {
  return at.source === undefined ? [] : [['written', `${at.source.file}:${at.source.line}`]];
}

function answered(doubts: readonly string[], outcome: Outcome): string {
  return doubts.length === 0
    ? answerWords(outcome)
    : 'cannot tell: the objects hold something that this reader does not understand';
}

function doubtFact(why: string): Fact {
  return ['doubt', why];
}

function upstreamFacts(
  outcome: Extract<Outcome, { kind: 'route' }>,
  route: ReadRoute,
  { method }: EdgeRequest,
): readonly Fact[] {
  const prefix = outcome.forwardedPrefix === null ? '' : `, X-Forwarded-Prefix: ${outcome.forwardedPrefix}`;
  return [
    ['reaches', targetWords(route)],
    ['as', `${method} ${outcome.upstreamTarget}${prefix}`],
  ];
}
