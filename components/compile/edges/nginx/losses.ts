import { addressIn } from '../../../model/address.ts';
import { rank } from '../../../model/precedence.ts';
import type { Loss, Place } from '../../../model/problem.ts';
import { hostText } from '../../../model/route-match.ts';
import { type IdentityHeaders, identityHeaders, unvouchedHeaders } from '../../identity.ts';
import type { EnvironmentPlan, Plan, RoutePlan } from '../../plan.ts';
import { speaksProxyProtocol } from '../../proxy-protocol.ts';
import { groupBy } from '../../resolve/grouping.ts';
import { asked, lossesAmong, withoutRepeats } from '../asked.ts';

/** What this plan loses on the nginx edge, by whom it is served. */
export function planLosses(plan: Plan): readonly Loss[] {
  const { environment, routes } = plan;
  const identity = identityHeaders(plan);
  const overtaken = environment.nginx.servedBy === 'traefik' ? overtakenRoutes(routes) : new Map<string, string>();
  return withoutRepeats([
    ...environmentLosses(environment),
    ...routes.flatMap((route) =>
      lossesAmong(
        [...namesOf(route, identity), ...some(overtaken.get(route.id)), ...some(proxyAmongAllowed(route, environment))],
        environment,
        route.at,
      ),
    ),
  ]);
}

/** What a route asks for, its own and what the other routes to its Services make of it. */
export function namesOf(route: RoutePlan, identity: IdentityHeaders): readonly string[] {
  return [...asked(route), ...(unvouchedHeaders(route, identity).length === 0 ? [] : ['identity-headers'])];
}

function environmentLosses(environment: EnvironmentPlan): readonly Loss[] {
  const at = (path: string): Place => ({ subject: `environment ${environment.name}`, path });
  return [
    ...(environment.unknownHost === 'close' ? lossesAmong(['unknown-host-close'], environment, at('unknownHost')) : []),
    ...lossesAmong(['refused-paths'], environment, at('servedBy')),
  ];
}

/** Behind PROXY protocol the provider compares the address of whoever connected, which may be a proxy that is let in. */
function proxyAmongAllowed(
  { allowFrom }: RoutePlan,
  { exposure, trustedProxies }: EnvironmentPlan,
): string | undefined {
  const isTold = speaksProxyProtocol(exposure);
  const among = allowFrom?.some((range) => trustedProxies.some((proxy) => overlap(range, proxy))) ?? false;
  return isTold && among ? 'allowed-proxy' : undefined;
}

function overlap(one: string, other: string): boolean {
  const base = (range: string) => range.split('/')[0] ?? '';
  return addressIn(base(one), [other]) || addressIn(base(other), [one]);
}

function some(name: string | undefined): readonly string[] {
  return name === undefined ? [] : [name];
}

/**
 * Routes that Traefik's nginx provider does not give what is theirs, by id, and the capability that is lost: it sets no
 * priorities, and the longer rule text wins.
 */
function overtakenRoutes(routes: readonly RoutePlan[]): ReadonlyMap<string, string> {
  const overtaken = new Map<string, string>();
  const byHost = groupBy(routes, ({ match }) => hostText(match.host));
  const named = routes.some(({ match }) => match.host.kind !== 'any');
  for (const route of routes) {
    const { host } = route.match;
    const beside = byHost.get(hostText(host)) ?? [];
    const below = host.kind === 'exact' ? (byHost.get(`*.${host.name.slice(host.name.indexOf('.') + 1)}`) ?? []) : [];
    if (below.length > 0 || (host.kind === 'any' && named)) overtaken.set(route.id, 'host-before-path');
    else if (beside.some((other) => overtakes(other, route))) overtaken.set(route.id, 'segment-prefix');
  }
  return overtaken;
}

/** Whether `other`, which should have what `route` leaves, has the longer rule on the same host. */
function overtakes(other: RoutePlan, route: RoutePlan): boolean {
  const { path, kind } = other.match.path;
  const covers = kind === 'prefix' && `${route.match.path.path}/`.startsWith(path === '/' ? '/' : `${path}/`);
  return (
    route.match.path.kind === 'exact' &&
    covers &&
    rank(other.match) < rank(route.match) &&
    ruleLength(other) >= ruleLength(route)
  );
}

/** Length of the rule that the provider writes for a path; the host's part is the same for all routes of a host. */
function ruleLength({ match: { path } }: RoutePlan): number {
  if (path.kind === 'exact') return `Path("${path.path}")`.length;
  if (path.path === '/') return 'PathPrefix("/")'.length;
  return `(Path("${path.path}") || PathPrefix("${path.path}/"))`.length;
}
