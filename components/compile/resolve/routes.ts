import type { ParsedEnvironment, ParsedRoute } from '../../model/definition.ts';
import type { Path } from '../../model/path.ts';
import type { Place } from '../../model/problem.ts';
import { hostText } from '../../model/route-match.ts';
import { nameFor, nameOf, shortHash } from '../names.ts';
import type { EnvironmentPlan, HostMatch, PathMatch, RouteMatch, RoutePlan } from '../plan.ts';
import { placeOf, type Report } from './definition.ts';
import type { Directory, Entry } from './directory.ts';
import { headerValues } from './headers.ts';
import { protectionPlan } from './protection.ts';
import { routeOptions } from './route-options.ts';
import { actionPlan } from './targets.ts';
import { httpsRedirectPlan, reportWithoutTls, tlsPlan } from './tls.ts';

export interface RouteContext {
  readonly environment: ParsedEnvironment;
  readonly environmentReport: Report;
  readonly plan: EnvironmentPlan;
  readonly directory: Directory;
}

type WrittenRoute = Omit<ParsedRoute, 'to'> & { readonly to?: ParsedRoute['to'] };

/** Room in a label for what an edge appends to the name of a route. */
const objectNameLength = 50;

/** Every route of one app, one plan for each host × path. */
export function routePlans(entry: Entry, context: RouteContext): readonly RoutePlan[] {
  const routes: readonly WrittenRoute[] = entry.definition.parsed.value.routes ?? [];
  return routes.flatMap((route, index) => expand(entry, route, ['routes', index], context));
}

function expand(entry: Entry, route: WrittenRoute, path: Path, context: RouteContext): readonly RoutePlan[] {
  const hosts = hostMatches(route);
  const paths = (route.paths ?? ['/']).map(pathMatch);
  const methods = (route.methods ?? []).toSorted();
  const headers = headerValues(route.headers).map(({ name, value }) => ({ name: name.toLowerCase(), value }));
  const { namespace, name } = entry.definition;
  const prefix = `${namespace}/${name}/${route.name ?? derivedName(hosts, paths, methods, headers)}`;
  const several = hosts.length * paths.length > 1;
  const environment = { parsed: context.environment, report: context.environmentReport };
  const shared = {
    namespace,
    app: name,
    at: placeOf(entry.definition, path),
    action: actionPlan(entry, route, path, context.directory),
    protection: protectionPlan(entry, route, path, environment, context.directory),
    ...routeOptions(route, context.environment),
  };
  return hosts.flatMap((host, hostIndex) => {
    const tls = tlsPlan(entry, route, host, path, context.environment);
    if (hostIndex === 0) reportWithoutTls(entry, route, tls, path);
    return paths.map((pathOf): RoutePlan => {
      const expansion = `${hostText(host)}\0${pathOf.kind}\0${pathOf.path}`;
      const id = several ? `${prefix}#${shortHash(expansion)}` : prefix;
      return {
        id,
        objectName: nameFor(`${name}-${hostText(host)}-${pathOf.path}`, [id], objectNameLength),
        match: { host, path: pathOf, methods, headers },
        rewrite: rewritePlan(route, pathOf),
        tls,
        httpsRedirect: httpsRedirectPlan(route, tls, { host, path: pathOf }, context.plan),
        ...shared,
      };
    });
  });
}

/** A name that only the route's own match decides, so that others may come and go. */
function derivedName(
  hosts: readonly HostMatch[],
  paths: readonly PathMatch[],
  methods: readonly string[],
  headers: RouteMatch['headers'],
): string {
  const pathTexts = paths.map(({ kind, path }) => (kind === 'exact' ? `=${path}` : path)).toSorted();
  const headerTexts = headers.map((header) => `${header.name}=${header.value}`);
  return nameOf([...hosts.map((host) => hostText(host)).toSorted(), ...pathTexts, ...methods, ...headerTexts]);
}

function hostMatches({ hosts }: WrittenRoute): readonly HostMatch[] {
  if (hosts === undefined || hosts.length === 0) return [{ kind: 'any' }];
  return hosts.map((host) =>
    host.startsWith('*.') ? { kind: 'wildcard', suffix: host.slice(2) } : { kind: 'exact', name: host },
  );
}

function pathMatch(written: NonNullable<ParsedRoute['paths']>[number]): PathMatch {
  if (typeof written === 'string') return { kind: 'prefix', path: withoutSlash(written) };
  if ('prefix' in written) return { kind: 'prefix', path: withoutSlash(written.prefix) };
  return { kind: 'exact', path: written.exact };
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

function rewritePlan({ rewrite }: WrittenRoute, { path }: PathMatch): RoutePlan['rewrite'] {
  if (rewrite === undefined) return { kind: 'none' };
  const to = 'stripPrefix' in rewrite ? '/' : withoutSlash(rewrite.replacePrefix);
  return to === path ? { kind: 'none' } : { kind: 'replacePrefix', from: path, to };
}

/** A route as problems about two routes name it. */
export function describe(route: RoutePlan): string {
  return `route ${route.id} (${describePlace(route.at)})`;
}

function describePlace({ subject, path, source }: Place): string {
  const file = source === undefined ? '' : ` in ${source.file}:${source.line}`;
  return `${subject}, ${path}${file}`;
}
