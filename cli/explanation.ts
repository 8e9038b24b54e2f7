import type { HeaderChanges, Plan, RoutePlan } from '../components/compile/plan.ts';
import type { Asks, EdgeRequest, Lost, Outcome } from '../components/model/outcome.ts';
import { rank } from '../components/model/precedence.ts';
import type { RouteMatch } from '../components/model/route-match.ts';
import { actionWords, headerWords, hostWords, methodWords, pathWords } from './route-words.ts';

/** One fact about a request: what it is about, and what is true. */
export type Fact = readonly [about: string, what: string];

/** What happens to one request and why, as facts in the order in which things happen. */
export function explain(plan: Plan, request: EdgeRequest, outcome: Outcome): readonly Fact[] {
  const id = 'route' in outcome ? outcome.route : null;
  const route = plan.routes.find((candidate) => candidate.id === id);
  return [
    ['answer', answerWords(outcome)],
    ...(route === undefined ? [] : routeFacts(route)),
    ...('asks' in outcome && route !== undefined ? askFacts(outcome.asks, route) : []),
    ...(outcome.kind === 'route' && route !== undefined ? upstreamFacts(outcome, route, request) : []),
    ...outcome.lost.map(({ route: other, why }: Lost): Fact => ['lost', `${other}: ${why}`]),
  ];
}

/** Facts in two columns. */
export function formatFacts(facts: readonly Fact[]): string {
  const width = Math.max(...facts.map(([about]) => about.length));
  return facts.map(([about, what]) => `${about.padEnd(width)}  ${what}\n`).join('');
}

/** The outcome of a request in words. */
export function answerWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'route':
      return outcome.asks === null
        ? 'the app is called, nobody is asked'
        : 'the app is called, if the request may pass';
    case 'redirect':
      return `${outcome.status} to ${outcome.location}${outcome.asks === null ? '' : ', if the request may pass'}`;
    case 'preflight':
      return 'the edge answers the CORS preflight itself';
    case 'refused':
      return `${outcome.status} from the edge: ${outcome.why}`;
    case 'notFound':
      return `${outcome.status} from the edge: ${outcome.why}`;
    default:
      return outcome satisfies never;
  }
}

function routeFacts(route: RoutePlan): readonly Fact[] {
  const source = route.at.source === undefined ? '' : ` (${route.at.source.file}:${route.at.source.line})`;
  return [
    ['route', route.id],
    ['written', `${route.at.subject}${route.at.path === '' ? '' : `, ${route.at.path}`}${source}`],
    matchFact(route.match),
    ['priority', String(rank(route.match))],
  ];
}

/** Which requests a route takes. */
export function matchFact({ host, path, methods, headers }: RouteMatch): Fact {
  const conditions = headers.length === 0 ? '' : `, headers ${headerWords(headers)}`;
  return ['match', `host ${hostWords(host)}, path ${pathWords(path)}, methods ${methodWords(methods)}${conditions}`];
}

function askFacts(asks: Asks | null, route: RoutePlan): readonly Fact[] {
  if (asks === null) {
    return route.protection.kind === 'open' ? [['open', route.protection.reason]] : [];
  }
  return askedFacts(asks);
}

/** Who is asked, and what is told. */
export function askedFacts(asks: Asks): readonly Fact[] {
  switch (asks.kind) {
    case 'forwardAuth':
      return [
        ['asked', `GET ${asks.url}`],
        ['told', `X-Forwarded-Method: ${asks.forwardedMethod}, X-Forwarded-Uri: ${asks.forwardedUri}`],
        ...(asks.responseHeaders.length === 0 ? [] : [['copied', asks.responseHeaders.join(', ')] as const]),
        ...(asks.signIn === null ? [] : [['sign-in', `a 401 sends a browser to ${asks.signIn}`] as const]),
      ];
    case 'apiKey':
      return [['asked', `${asks.header} must be the base64 of Secret ${asks.secret}, key ${asks.key}`]];
    case 'bearer':
      return [['asked', `${asks.header} must be Bearer and Secret ${asks.secret}, key ${asks.key}`]];
    case 'basicAuth':
      return [['asked', `user and password of Secret ${asks.secret}`]];
    default:
      return asks satisfies never;
  }
}

function upstreamFacts(
  outcome: Extract<Outcome, { kind: 'route' }>,
  route: RoutePlan,
  request: EdgeRequest,
): readonly Fact[] {
  const prefix = outcome.forwardedPrefix === null ? [] : [`X-Forwarded-Prefix: ${outcome.forwardedPrefix}`];
  return [
    ['reaches', actionWords(route.action)],
    ['as', [`${request.method} ${outcome.upstreamTarget}`, ...prefix].join(', ')],
    ...(outcome.upgrade ? [['upgraded', 'to WebSocket'] as const] : []),
    ...changeFacts('request headers', route.requestHeaders),
    ...changeFacts('response headers', route.responseHeaders),
    ...limitFacts(route),
  ];
}

function changeFacts(about: string, { set, remove }: HeaderChanges): readonly Fact[] {
  const changes = [...(set.length === 0 ? [] : [`set ${headerWords(set)}`]), ...remove.map((name) => `remove ${name}`)];
  return changes.length === 0 ? [] : [[about, changes.join('; ')]];
}

function limitFacts(route: RoutePlan): readonly Fact[] {
  const { rateLimit, bodyLimitBytes, allowFrom, timeouts } = route;
  return [
    ...(allowFrom === null ? [] : [['only from', allowFrom.join(', ')] as const]),
    ...(rateLimit === null ? [] : [['at most', `${rateLimit.requests} requests in ${rateLimit.perMs} ms`] as const]),
    ...(bodyLimitBytes === null ? [] : [['body', `at most ${bodyLimitBytes} bytes`] as const]),
    ['waits', `${timeouts.responseMs} ms for the answer`],
  ];
}
