import type { Acceptance } from '../../components/compile/acceptance.ts';
import { fate } from '../../components/compile/edges/asked.ts';
import type { Plan, RoutePlan } from '../../components/compile/plan.ts';
import { apiKeyHeader, match } from '../../components/model/match.ts';
import type { EdgeRequest, Outcome } from '../../components/model/outcome.ts';
import type { CallerToken } from '../../stacks/stack.ts';

/** Where the value is that a caller presents, and how it is presented. */
export type Credential =
  | { readonly kind: 'apiKey' | 'bearer'; readonly namespace: string; readonly secret: string; readonly key: string }
  | { readonly kind: 'basic'; readonly namespace: string; readonly secret: string }
  /** A value of a demonstration that everybody may know. */
  | { readonly kind: 'token'; readonly token: string };

/** What an answer has to be like. */
export type Expectation =
  | { readonly kind: 'passes' }
  | { readonly kind: 'refused' }
  /** Nobody has it: 404, or where `closes` the end of the connection without a word. */
  | { readonly kind: 'unknown'; readonly closes: boolean }
  | { readonly kind: 'status'; readonly status: number };

/** One route and how it is tried. Plain data without secrets: it is kept in the cluster for `status`. */
export interface Probe {
  readonly route: string;
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly target: string;
  /** The path as the route says it, for the table. */
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly protection: RoutePlan['protection']['kind'];
  readonly without: Expectation;
  /** null: nobody is asked, or nothing is known that passes. */
  readonly credential: Credential | null;
  /** Why it cannot be tried, or not with a credential; null: it is tried. */
  readonly untried: string | null;
}

/** Methods that change nothing in an app (RFC 9110, 9.2.1). */
const quiet: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** By the app that forward auth asks, as the stack names it. */
export type Callers = Readonly<Record<string, CallerToken>>;

/** How each route of a plan is tried from outside, in the order of the plan. What an accepted loss takes away is not. */
export function probesOf(plan: Plan, callers: Callers, accepted: readonly Acceptance[] = []): readonly Probe[] {
  return plan.routes.map((route) => {
    const probe = probeOf(plan, route, callers);
    const lost = lostWords(plan, route, accepted);
    return lost === null ? probe : { ...probe, without: { kind: 'passes' }, credential: null, untried: lost };
  });
}

/** Which accepted losses keep a route from being served; null: none does. */
function lostWords({ environment }: Plan, { at }: RoutePlan, accepted: readonly Acceptance[]): string | null {
  const names = accepted
    .map(({ loss }) => loss)
    .filter(({ at: { subject, path } }) => subject === at.subject && (path === '' || isWithin(path, at.path)))
    .map(({ name }) => name)
    .filter((name) => fate([name.slice(name.indexOf('/') + 1)], environment) !== 'served');
  return names.length === 0 ? null : `not served, as accepted: ${[...new Set(names)].join(', ')}`;
}

/** Whether the place of a loss is that of a route, or a field of it. */
const isWithin = (path: string, route: string) => path === route || path.startsWith(`${route}.`);

/** How it is tried that routes of a former call, which no route of the plan replaces, are gone. */
export function goneProbes(plan: Plan, former: readonly Probe[]): readonly Probe[] {
  const doors = plan.routes.filter(({ audience }) => audience === 'public');
  return former
    .filter(({ method, without }) => quiet.includes(method) && without.kind !== 'unknown')
    .flatMap((probe) => {
      const without = unknownTo(doors, probe, plan);
      return without === null ? [] : [{ ...probe, without, credential: null, untried: null }];
    });
}

/** What a request gets that none of these routes takes; null: one does. */
function unknownTo(routes: readonly RoutePlan[], request: EdgeRequest, { environment }: Plan): Expectation | null {
  const outcome = match(routes, request, { acme: environment.acme });
  if (outcome.kind !== 'notFound') return null;
  return { kind: 'unknown', closes: environment.unknownHost === 'close' && outcome.why === 'unknown host' };
}

function probeOf(plan: Plan, route: RoutePlan, callers: Callers): Probe {
  const request = requestTo(route);
  const outcome = match(plan.routes, request, { acme: plan.environment.acme });
  const { scheme, host, target, method, headers } = request;
  const path = route.match.path.kind === 'exact' || target === '/' ? target : `${target}/…`;
  const tried = { route: route.id, scheme, host, target, path, method, headers, protection: route.protection.kind };
  if (route.audience === 'private') return { ...tried, ...fromOutside(plan, request) };
  const blocked = obstacle(route, request, outcome);
  if (blocked !== null) return { ...tried, without: { kind: 'passes' }, credential: null, untried: blocked };
  const without = expectation(route, outcome);
  const credential = without.kind === 'refused' ? credentialFor(route, callers) : null;
  const untried = without.kind === 'refused' && credential === null ? unknownCaller(route) : null;
  return { ...tried, without, credential, untried };
}

/** A route for callers inside the cluster has to be unknown at the door where everyone knocks. */
function fromOutside(plan: Plan, request: EdgeRequest): Pick<Probe, 'without' | 'credential' | 'untried'> {
  const open = plan.routes.filter(({ audience }) => audience === 'public');
  const without = quiet.includes(request.method) ? unknownTo(open, request, plan) : null;
  return { without: without ?? { kind: 'passes' }, credential: null, untried: 'only callers inside the cluster pass' };
}

function requestTo({ match: wanted, tls }: RoutePlan): EdgeRequest {
  const { host, path, methods, headers } = wanted;
  return {
    scheme: tls.kind === 'off' ? 'http' : 'https',
    host: host.kind === 'exact' ? host.name : host.kind === 'wildcard' ? `probe.${host.suffix}` : 'probe.invalid',
    method: quiet.find((method) => methods.includes(method)) ?? methods[0] ?? 'GET',
    target: path.path,
    headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
  };
}

/** Why a route is not tried at all. A request that could change something in an app is not sent. */
function obstacle(route: RoutePlan, { method }: EdgeRequest, outcome: Outcome): string | null {
  if (!quiet.includes(method)) return `takes only ${route.match.methods.join(', ')}`;
  if (route.allowFrom !== null) return 'takes only some client addresses';
  const taken = 'route' in outcome ? outcome.route : null;
  return taken === route.id ? null : `its own path is taken by ${taken ?? 'no route'}`;
}

function expectation({ protection }: RoutePlan, outcome: Outcome): Expectation {
  const asks = outcome.kind === 'route' || outcome.kind === 'redirect' ? outcome.asks : null;
  if (asks !== null && protection.kind === 'forwardAuth' && protection.signIn !== null)
    return { kind: 'status', status: 302 };
  if (asks !== null) return { kind: 'refused' };
  return outcome.kind === 'redirect' ? { kind: 'status', status: outcome.status } : { kind: 'passes' };
}

function credentialFor({ namespace, protection }: RoutePlan, callers: Callers): Credential | null {
  switch (protection.kind) {
    case 'apiKey':
    case 'bearer':
      return { kind: protection.kind, namespace, secret: protection.secret, key: protection.key };
    case 'basicAuth':
      return { kind: 'basic', namespace, secret: protection.secret };
    case 'forwardAuth': {
      const { target } = protection;
      const token = target === null ? undefined : callers[target.app];
      if (target === null || token === undefined) return null;
      return 'token' in token
        ? { kind: 'token', token: token.token }
        : { kind: 'bearer', namespace: target.namespace, ...token };
    }
    case 'open':
      return null;
    default:
      return protection satisfies never;
  }
}

function unknownCaller({ protection }: RoutePlan): string {
  const asked = protection.kind === 'forwardAuth' ? (protection.target?.app ?? protection.url) : protection.kind;
  return `nobody told what ${asked} lets pass`;
}

/** The headers of a caller with this credential. `values` are those of its Secret by key, base64 as the API gives them. */
export function credentialHeaders(
  credential: Credential,
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const text = (key: string) => Buffer.from(values[key] ?? '', 'base64').toString();
  switch (credential.kind) {
    case 'apiKey':
      return { [apiKeyHeader]: values[credential.key] ?? '' };
    case 'bearer':
      return { Authorization: `Bearer ${text(credential.key)}` };
    case 'basic':
      return { Authorization: `Basic ${Buffer.from(`${text('username')}:${text('password')}`).toString('base64')}` };
    case 'token':
      return { Authorization: `Bearer ${credential.token}` };
    default:
      return credential satisfies never;
  }
}

/** What came back: a status, or why there is none. */
export type Answered = number | string;

/** What Node says of a connection that ended without an answer. */
const closedWord = 'ECONNRESET';

/** Whether an answer is what was expected. A 404 never passes: the edge gives it for a route it does not know. */
export function isExpected(expected: Expectation, answered: Answered): boolean {
  if (typeof answered === 'string') return expected.kind === 'unknown' && expected.closes && answered === closedWord;
  switch (expected.kind) {
    case 'passes':
      return answered < 500 && ![401, 403, 404].includes(answered);
    case 'refused':
      return answered === 401 || answered === 403;
    case 'unknown':
      return answered === 404;
    case 'status':
      return answered === expected.status;
    default:
      return expected satisfies never;
  }
}

/** What is expected, for the one who reads that it did not come. */
export function expectationWords(expected: Expectation): string {
  switch (expected.kind) {
    case 'passes':
      return 'an answer of the app';
    case 'refused':
      return '401 or 403';
    case 'unknown':
      return expected.closes ? '404 or a closed connection' : '404';
    case 'status':
      return String(expected.status);
    default:
      return expected satisfies never;
  }
}
