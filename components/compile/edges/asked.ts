import { serviceOfAuthHost } from '../../dialects/nginx/auth-host.ts';
import type { Loss, Place } from '../../model/problem.ts';
import { defaults } from '../defaults.ts';
import type { EnvironmentPlan, RoutePlan } from '../plan.ts';
import { lossOf, verdictOf } from './capability.ts';
import { servedEdge } from './verdict.ts';

/**
 * The capabilities a route asks an edge for, by their names in the table. What only other routes of the plan can tell
 * (who shares a host, whose identity headers are trusted) is not among them.
 */
export function asked(route: RoutePlan): readonly string[] {
  const { match, action, protection, timeouts } = route;
  const targets = action.kind === 'forward' ? action.targets : [];
  const usual = defaults.route;
  const questions: readonly (readonly [string, boolean])[] = [
    ['method-and-header-match', match.methods.length > 0 || match.headers.length > 0],
    ['exact-path', match.path.kind === 'exact'],
    ['wildcard-host', match.host.kind === 'wildcard'],
    ['host-less', match.host.kind === 'any'],
    ['path-characters', !/^[A-Za-z0-9._/-]*$/.test(match.path.path)],
    ['url-characters', urlsOf(route).some((url) => /[%+@!*()]/.test(url))],
    ['colon-path', match.path.path.includes(':')],
    ['encoded-slash', route.encodedSlash === 'allow'],
    ['forward-auth', protection.kind === 'forwardAuth'],
    ['outside-auth', protection.kind === 'forwardAuth' && isOutside(protection.url)],
    ['sign-in', protection.kind === 'forwardAuth' && protection.signIn !== null],
    ['basic-auth', protection.kind === 'basicAuth'],
    ['rewrite', route.rewrite.kind === 'replacePrefix'],
    ['redirect-status', action.kind === 'redirect'],
    ['redirect-parts', action.kind === 'redirect' && action.to === null],
    ['protected-redirect', action.kind === 'redirect' && protection.kind !== 'open'],
    ['header-changes', changesHeaders(route)],
    ['hsts', route.hsts !== null],
    ['cors', route.cors !== null],
    ['body-limit', route.bodyLimitBytes !== null],
    ['streaming-with-body-limit', route.bodyLimitBytes !== null && route.streaming],
    ['timeouts', timeouts.connectMs !== usual.connectMs || timeouts.responseMs !== usual.responseMs],
    ['rate-limit', route.rateLimit !== null],
    ['allow-from', route.allowFrom !== null],
    ['retries', route.retries !== null],
    ['weights', targets.length > 1],
    ['sticky', route.sticky !== null],
    ['target-in-other-namespace', targets.some(({ namespace }) => namespace !== route.namespace)],
    ['https-upstream', targets.some(({ protocol }) => protocol === 'https')],
    ['upstream-ca', targets.some(({ ca }) => ca !== null)],
    ['grpc', targets.some(({ protocol }) => protocol === 'h2c')],
    ['tls', route.tls.kind !== 'off'],
  ];
  return questions.flatMap(([name, isAsked]) => (isAsked ? [name] : []));
}

/** What the edge asks, and where it sends clients. */
function urlsOf({ protection, action }: RoutePlan): readonly string[] {
  const asks = protection.kind === 'forwardAuth' ? [protection.url] : [];
  return action.kind === 'redirect' && action.to !== null ? [...asks, action.to] : asks;
}

/** Whether a URL is neither an address nor a Service by a name that it has in the cluster, asked by plain http. */
function isOutside(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  const isAddress = hostname.startsWith('[') || /^[0-9.]+$/.test(hostname);
  return protocol !== 'http:' || !(isAddress || serviceOfAuthHost(hostname) !== null);
}

function changesHeaders({ requestHeaders, responseHeaders }: RoutePlan): boolean {
  return [requestHeaders, responseHeaders].some(({ set, remove }) => set.length > 0 || remove.length > 0);
}

/** Those of the named capabilities that the edge of the environment does not keep, as losses at `at`. */
export function lossesAmong(names: readonly string[], environment: EnvironmentPlan, at: Place): readonly Loss[] {
  const edge = servedEdge(environment);
  return names.filter((name) => verdictOf(edge, name)?.verdict === 'loss').map((name) => lossOf(edge, name, at));
}

/** The same loss at the same place said once: a route that expands to several hosts and paths is one for its author. */
export function withoutRepeats(losses: readonly Loss[]): readonly Loss[] {
  const seen = new Map(losses.map((loss) => [`${loss.name} ${loss.at.subject} ${loss.at.path}`, loss]));
  return [...seen.values()];
}

/** What becomes of a route whose losses are accepted: nothing of it is served, it lets nobody in, or it is served. */
export function fate(names: readonly string[], environment: EnvironmentPlan): 'leftOut' | 'closed' | 'served' {
  const edge = servedEdge(environment);
  const verdicts = names.map((name) => verdictOf(edge, name));
  const fates = verdicts.map((verdict) => (verdict?.verdict === 'loss' ? (verdict.route ?? 'served') : 'served'));
  return fates.includes('leftOut') ? 'leftOut' : fates.includes('closed') ? 'closed' : 'served';
}
