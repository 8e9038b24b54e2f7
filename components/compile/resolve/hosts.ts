import type { ParsedEnvironment } from '../../model/definition.ts';
import type { Problem } from '../../model/problem.ts';
import { hostText } from '../../model/route-match.ts';
import type { HostMatch, RoutePlan } from '../plan.ts';
import { describe } from './routes.ts';
import { didYouMean, oneOf } from './suggestion.ts';

/** Which hosts a route may name: those of the environment's domains, and of one namespace unless a grant says otherwise. */
export function reportHosts(routes: readonly RoutePlan[], environment: ParsedEnvironment, problems: Problem[]): void {
  const firstOf = new Map<string, Map<string, RoutePlan>>();
  for (const route of routes) {
    const host = hostText(route.match.host);
    const namespaces = firstOf.get(host) ?? new Map<string, RoutePlan>();
    if (namespaces.size === 0) firstOf.set(host, namespaces);
    if (!namespaces.has(route.namespace)) namespaces.set(route.namespace, route);
  }
  reportDomains(routes, environment, problems);
  for (const [host, namespaces] of firstOf) {
    const [first, ...others] = [...namespaces.values()];
    if (first === undefined) continue;
    for (const other of others)
      if (!granted(environment, host, first.namespace, other.namespace))
        problems.push(host === '*' ? defaultTwice(first, other) : sharedHost(host, first, other));
    reportInsideWildcard(host, namespaces, firstOf, environment, problems);
  }
}

function reportDomains(routes: readonly RoutePlan[], { domains }: ParsedEnvironment, problems: Problem[]): void {
  if (domains === undefined) return;
  const judged = new Set<string>();
  for (const { match, at, app, namespace } of routes) {
    if (match.host.kind === 'any') continue;
    const key = `${namespace}/${app} ${hostText(match.host)}`;
    if (judged.has(key)) continue;
    judged.add(key);
    if (domains.some((domain) => isWithin(match.host, domain))) continue;
    const host = hostText(match.host);
    problems.push({
      code: 'domain-not-allowed',
      at,
      found: `host "${host}"`,
      expected: `a host of this environment's domains: ${oneOf(domains)}`,
      fix: `Use such a host, or add the domain to the environment.${didYouMean(host, domains)}`,
    });
  }
}

/** `example.org` covers itself and everything below it; `*.example.org` only what is below. */
function isWithin(host: HostMatch, domain: string): boolean {
  if (host.kind === 'any') return true;
  const name = host.kind === 'exact' ? host.name : host.suffix;
  if (!domain.startsWith('*.')) return name === domain || name.endsWith(`.${domain}`);
  const below = domain.slice(2);
  return name.endsWith(`.${below}`) || (host.kind === 'wildcard' && name === below);
}

function granted({ sharedHosts }: ParsedEnvironment, host: string, ...namespaces: readonly string[]): boolean {
  const grant = sharedHosts !== undefined && Object.hasOwn(sharedHosts, host) ? sharedHosts[host] : undefined;
  return grant !== undefined && namespaces.every((namespace) => grant.includes(namespace));
}

/** An exact host takes requests away from the wildcard above it, so across namespaces the wildcard's owner must agree. */
function reportInsideWildcard(
  host: string,
  namespaces: ReadonlyMap<string, RoutePlan>,
  firstOf: ReadonlyMap<string, ReadonlyMap<string, RoutePlan>>,
  environment: ParsedEnvironment,
  problems: Problem[],
): void {
  if (host.startsWith('*')) return;
  const wildcard = `*.${host.slice(host.indexOf('.') + 1)}`;
  const above = firstOf.get(wildcard);
  if (above === undefined) return;
  const owner = [...above.values()][0];
  for (const [namespace, route] of namespaces) {
    if (owner === undefined || above.has(namespace) || granted(environment, wildcard, namespace, owner.namespace))
      continue;
    problems.push({
      code: 'host-in-wildcard',
      at: route.at,
      found: `host "${host}", inside "${wildcard}" of ${describe(owner)}`,
      expected: 'one namespace for a wildcard and the hosts in it, or a grant for the wildcard',
      fix: `Add sharedHosts: { "${wildcard}": ["${owner.namespace}", "${namespace}"] } to the environment, or use another host.`,
    });
  }
}

function sharedHost(host: string, first: RoutePlan, other: RoutePlan): Problem {
  return {
    code: 'host-shared',
    at: other.at,
    found: `host "${host}", which ${describe(first)} in namespace ${first.namespace} has too`,
    expected: 'each host in one namespace, or a grant of the environment',
    fix: `Add sharedHosts: { "${host}": ["${first.namespace}", "${other.namespace}"] } to the environment, or use another host.`,
  };
}

function defaultTwice(first: RoutePlan, other: RoutePlan): Problem {
  return {
    code: 'default-backend-shared',
    at: other.at,
    found: `a route without hosts, as ${describe(first)} in namespace ${first.namespace} is`,
    expected: 'routes for every other host in one namespace only',
    fix: 'Name hosts on one of the two.',
  };
}
