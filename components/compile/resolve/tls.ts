import type { ParsedEnvironment, ParsedRoute } from '../../model/definition.ts';
import type { Path } from '../../model/path.ts';
import { hostText } from '../../model/route-match.ts';
import { nameFor } from '../names.ts';
import type { EnvironmentPlan, HostMatch, RouteMatch, TlsPlan } from '../plan.ts';
import type { Entry } from './directory.ts';

const acmePath = '/.well-known/acme-challenge';

/** The certificate of one host of a route: as it says, else as the environment says. */
export function tlsPlan(
  entry: Entry,
  route: Pick<ParsedRoute, 'tls'>,
  host: HostMatch,
  path: Path,
  environment: ParsedEnvironment,
): TlsPlan {
  const tls = route.tls ?? environment.tls ?? (environment.kind === 'local' ? 'off' : 'default');
  if (tls === 'off' || tls === 'default') return { kind: tls };
  if ('secret' in tls) return { kind: 'secret', name: tls.secret };
  const hostName = hostText(host);
  if (host.kind === 'any')
    entry.report([...path, 'tls'], 'certificate-without-host', {
      found: `issuer "${tls.issuer}" for a route without hosts`,
      expected: 'host names for the certificate to name',
      fix: 'Name hosts, or set tls to default or off on this route.',
    });
  const { name } = entry.definition;
  const cluster = tls.cluster ?? true;
  const secretName = nameFor(`${name}-${hostName}-tls`, [name, hostName, tls.issuer, String(cluster)]);
  return { kind: 'issuer', name: tls.issuer, cluster, secretName };
}

/**
 * Plain HTTP goes to https wherever a host has TLS, unless the route says no. Challenges of certificate solvers come
 * over plain HTTP, so a route for them is left alone.
 */
export function httpsRedirectPlan(
  route: Pick<ParsedRoute, 'httpsRedirect' | 'hsts'>,
  tls: TlsPlan,
  { host, path: { path } }: Pick<RouteMatch, 'host' | 'path'>,
  { acme }: Pick<EnvironmentPlan, 'acme'>,
): boolean {
  const challenge = acme && (path === acmePath || path.startsWith(`${acmePath}/`));
  return route.httpsRedirect ?? (tls.kind !== 'off' && host.kind !== 'any' && !challenge);
}

/** What asks for https on a route that the environment gives none. */
export function reportWithoutTls(
  entry: Entry,
  route: Pick<ParsedRoute, 'httpsRedirect' | 'hsts'>,
  tls: TlsPlan,
  path: Path,
): void {
  if (tls.kind !== 'off') return;
  const field = route.httpsRedirect === true ? 'httpsRedirect' : route.hsts ? 'hsts' : null;
  if (field !== null)
    entry.report([...path, field], 'no-tls', {
      found: `${field} on a route that the environment leaves without TLS`,
      expected: `TLS, or no ${field}`,
      fix: 'Set tls on the route or the environment, or take the field away.',
    });
}
