import type { RouteAction } from '../components/compile/plan.ts';
import type { EdgeRequest, Outcome } from '../components/model/outcome.ts';
import { rank } from '../components/model/precedence.ts';
import { edgesOf, matchRead } from '../components/readers/meaning.ts';
import type { Reading, ReadProtection, ReadRoute } from '../components/readers/read-route.ts';
import { answerWords, askedFacts, type Fact, matchFact } from './explanation.ts';
import { actionWords, headerWords, hostWords, methodWords, pathWords } from './route-words.ts';

/** What was read, in words: `5 routes of 3 objects`. */
export function readingWords({ routes }: Pick<Reading, 'routes'>): string {
  const objects = new Set(routes.map(({ source }) => source.subject)).size;
  const count = (number: number, one: string) => `${number} ${one}${number === 1 ? '' : 's'}`;
  return `${count(routes.length, 'route')} of ${count(objects, 'object')}`;
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
    protection: readProtectionWords(route.protection),
    tls: 'name' in route.tls ? `${route.tls.kind} ${route.tls.name}` : route.tls.kind,
    edge: route.edge,
    object: route.source.subject,
  };
}

/** A row as data. */
export function readData(route: ReadRoute) {
  const { id, edge, source, match, action, backend, protection, rewrite, tls, fit, notes } = route;
  return { id, edge, object: source.subject, match, action, backend, protection, rewrite, tls, fit, notes };
}

function readProtectionWords(protection: ReadProtection): string {
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
      return `unknown: ${protection.why}`;
    default:
      return protection satisfies never;
  }
}

function targetWords({ action, backend }: ReadRoute): string {
  return action.kind === 'forward' ? backend : actionWords(action as RouteAction);
}

/** What one edge does with a request. */
export interface EdgeAnswer {
  readonly edge: string;
  readonly outcome: Outcome;
  readonly facts: readonly Fact[];
}

/** What each edge of the objects does with a request. Edges that do not know its host come only where no edge does. */
export function explainReading({ routes }: Reading, request: EdgeRequest): readonly EdgeAnswer[] {
  const answers = edgesOf(routes).map((edge): EdgeAnswer => {
    const own = routes.filter((route) => route.edge === edge);
    const outcome = matchRead(own, request);
    const winner = 'route' in outcome ? own.find(({ id }) => id === outcome.route) : undefined;
    return { edge, outcome, facts: [['edge', edge], ...readFacts(outcome, winner, request)] };
  });
  const known = answers.filter(({ outcome }) => outcome.kind !== 'notFound' || outcome.why !== 'unknown host');
  return known.length === 0 ? answers : known;
}

function readFacts(outcome: Outcome, route: ReadRoute | undefined, request: EdgeRequest): readonly Fact[] {
  const lost = outcome.lost.map(({ route: other, why }): Fact => ['lost', `${other}: ${why}`]);
  if (route === undefined) return [['answer', answerWords(outcome)], ...lost];
  const unknown = route.protection.kind === 'unknown' && outcome.kind !== 'refused' ? route.protection.why : null;
  const { at } = route.source;
  const asks = 'asks' in outcome ? outcome.asks : null;
  return [
    ['answer', unknown === null ? answerWords(outcome) : 'unknown: whether anybody is asked cannot be told'],
    ['route', route.id],
    ...(at.source === undefined ? [] : [['written', `${at.source.file}:${at.source.line}`] as const]),
    matchFact(route.match),
    ...(unknown === null ? [] : [['unknown', unknown] as const]),
    ...(asks === null ? [] : askedFacts(asks)),
    ...(outcome.kind === 'route' ? upstreamFacts(outcome, route, request) : []),
    ...(route.allowFrom === null ? [] : [['only from', route.allowFrom.join(', ')] as const]),
    ...route.notes.map(({ found, fix }): Fact => ['note', `${found}. ${fix}`]),
    ...lost,
  ];
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
