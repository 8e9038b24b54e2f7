import type { ParsedRoute } from '../definition.ts';
import { listOf } from '../expected.ts';
import type { Finding } from '../finding.ts';
import type { Path } from '../path.ts';
import { maxMatchHeaders } from '../precedence.ts';
import { durationMs } from '../schema/leaf.ts';
import { showName } from '../shown.ts';
import { protectionFindings } from './protection.ts';
import { unless } from './rule.ts';
import { type RoutePorts, targetFindings } from './targets.ts';

/** Every route of a definition, written with the fields of the one that has more. */
export type WrittenRoute = Omit<ParsedRoute, 'to'> & { readonly to?: ParsedRoute['to'] };

type RouteRule = (route: WrittenRoute, path: Path) => readonly Finding[];

const rules: readonly RouteRule[] = [
  listedTwice,
  headerNames,
  rewriteNeedsPaths,
  redirects,
  cors,
  withoutHost,
  withoutTls,
  hsts,
  websocket,
  ({ protection }, path) => protectionFindings(protection, [...path, 'protection']),
];

/** The rules that one route breaks by itself. `ports` are those it may name; undefined when they are wrong themselves. */
export function routeFindings(route: WrittenRoute, path: Path, ports: RoutePorts | undefined): readonly Finding[] {
  const found: Finding[] = [];
  for (const rule of rules) found.push(...rule(route, path));
  found.push(...targetFindings(route, path, ports));
  return found;
}

/** Names of routes, of which each stands once; a route keeps its identity by its name. */
export function routeNamesTwice(routes: readonly WrittenRoute[]): readonly Finding[] {
  if (routes.length < 2) return [];
  return routes.flatMap(({ name }, index) =>
    unless(
      name === undefined || !routes.slice(0, index).some((other) => other.name === name),
      'route-name-taken',
      ['routes', index, 'name'],
      {
        found: `${showName(name ?? '')} again`,
        expected: 'each route name once in an app',
        fix: 'Rename one of the two.',
      },
    ),
  );
}

function listedTwice(route: WrittenRoute, path: Path): readonly Finding[] {
  const lists: Readonly<Record<string, readonly string[]>> = {
    hosts: route.hosts ?? [],
    methods: route.methods ?? [],
    paths: (route.paths ?? []).map(pathKey),
  };
  return Object.entries(lists).flatMap(([field, items]) =>
    (items.length < 2 ? [] : items).flatMap((item, index) =>
      unless(items.indexOf(item) === index, 'listed-twice', [...path, field, index], {
        found: `${item.replace(/^(prefix|exact) /, '')} again`,
        expected: 'each entry once',
        fix: 'Remove one of the two.',
      }),
    ),
  );
}

/** A prefix with and without its last slash is the same prefix. */
function pathKey(path: NonNullable<WrittenRoute['paths']>[number]): string {
  if (typeof path === 'object' && 'exact' in path) return `exact ${path.exact}`;
  const prefix = typeof path === 'string' ? path : path.prefix;
  return `prefix ${prefix.length > 1 && prefix.endsWith('/') ? prefix.slice(0, -1) : prefix}`;
}

function headerNames(route: WrittenRoute, path: Path): readonly Finding[] {
  if (route.headers === undefined && route.requestHeaders === undefined && route.responseHeaders === undefined)
    return [];
  const names = Object.keys(route.headers ?? {});
  const count = unless(names.length <= maxMatchHeaders, 'too-many-headers', [...path, 'headers'], {
    found: `${names.length} headers`,
    expected: `at most ${maxMatchHeaders}`,
    fix: 'Match on fewer headers.',
  });
  const host = names.find((name) => name.toLowerCase() === 'host');
  const changed = (['requestHeaders', 'responseHeaders'] as const).flatMap((field) =>
    changes(route[field], [...path, field]),
  );
  return [
    ...count,
    ...twice(names, [...path, 'headers']),
    ...unless(host === undefined, 'host-header', [...path, 'headers', host ?? ''], {
      found: 'the Host header',
      expected: 'another header',
      fix: 'Write hosts.',
    }),
    ...changed,
  ];
}

function changes(written: WrittenRoute['requestHeaders'], path: Path): readonly Finding[] {
  const set = Object.keys(written?.set ?? {});
  const removed = written?.remove ?? [];
  const both = set.find((name) => removed.some((other) => other.toLowerCase() === name.toLowerCase()));
  return [
    ...twice(set, [...path, 'set']),
    ...unless(both === undefined, 'set-and-removed', path, {
      found: `${both} under set and remove`,
      expected: 'each header in one of them',
      fix: 'Remove one; set replaces what was sent.',
    }),
  ];
}

function twice(names: readonly string[], path: Path): readonly Finding[] {
  const folded = names.map((name) => name.toLowerCase());
  return names.flatMap((name, index) =>
    unless(folded.indexOf(folded[index] ?? '') === index, 'listed-twice', [...path, name], {
      found: `${name} again, in another spelling`,
      expected: 'each header once; case does not matter',
      fix: 'Remove one of the two.',
    }),
  );
}

function rewriteNeedsPaths({ rewrite, paths, redirect }: WrittenRoute, path: Path): readonly Finding[] {
  if (rewrite === undefined) return [];
  return [
    ...unless(paths !== undefined, 'rewrite-without-path', [...path, 'rewrite'], {
      found: 'rewrite on a route without paths',
      expected: 'paths for the rewrite to take off',
      fix: 'Write paths, as paths: ["/api"], or take rewrite away.',
    }),
    ...unless(redirect === undefined, 'redirect-with', [...path, 'rewrite'], {
      found: 'rewrite on a redirect',
      expected: 'no rewrite: no app is asked',
      fix: 'Remove rewrite, or write the new path as redirect.path.',
    }),
  ];
}

function redirects(route: WrittenRoute, path: Path): readonly Finding[] {
  if (route.redirect === undefined) return [];
  const { to, status: _status, ...parts } = route.redirect;
  const appFields = (['to', 'sticky', 'retries', 'websocket', 'bodyLimit', 'timeouts', 'cors'] as const).filter(
    (field) => route[field] !== undefined && route[field] !== false,
  );
  const named = Object.values(parts).some((part) => part !== undefined);
  return [
    ...appFields.flatMap((field) =>
      unless(false, 'redirect-with', [...path, field], {
        found: `\`${field}\` on a redirect`,
        expected: `no \`${field}\`: no app is asked`,
        fix: `Remove \`${field}\` or \`redirect\`.`,
      }),
    ),
    ...unless((to === undefined) === named, 'redirect-target', [...path, 'redirect'], {
      found: to === undefined ? 'a redirect to the same URL' : 'to, and parts of a URL besides',
      expected: 'either to, or some of scheme, host and path',
      fix: to === undefined ? 'Write where it leads.' : 'Put the parts into to.',
    }),
  ];
}

function cors({ cors: written, methods }: WrittenRoute, path: Path): readonly Finding[] {
  if (written === undefined) return [];
  const everyone = written.origins.includes('*');
  return [
    ...unless(!(everyone && written.credentials === true), 'cors-credentials', [...path, 'cors', 'credentials'], {
      found: 'credentials for the origin "*"',
      expected: 'named origins: browsers refuse credentials otherwise',
      fix: 'Name the origins, or remove credentials.',
    }),
    ...unless(!everyone || written.origins.length === 1, 'cors-origins', [...path, 'cors', 'origins'], {
      found: '"*" beside named origins',
      expected: 'either "*" or names',
      fix: 'Remove "*", or the names.',
    }),
    ...unless(methods === undefined || methods.includes('OPTIONS'), 'cors-methods', [...path, 'methods'], {
      found: 'cors on a route that does not take OPTIONS',
      expected: 'OPTIONS among its methods: preflights use it',
      fix: 'Add OPTIONS.',
    }),
  ];
}

/** What is done for a host by its name cannot be done for any host. */
function withoutHost(route: WrittenRoute, path: Path): readonly Finding[] {
  if (route.hosts !== undefined) return [];
  const issuer = typeof route.tls === 'object' && 'issuer' in route.tls;
  const fields = [
    ...(['httpsRedirect', 'hsts', 'dns'] as const).filter(
      (field) => route[field] !== undefined && route[field] !== false,
    ),
    ...(issuer ? ['tls'] : []),
  ];
  return fields.flatMap((field) =>
    unless(false, 'needs-host', [...path, field], {
      found: `${field} on a route without hosts`,
      expected: 'hosts: it is done for a host by name',
      fix: `Write hosts, or remove ${field}.`,
    }),
  );
}

function withoutTls(route: WrittenRoute, path: Path): readonly Finding[] {
  if (route.tls !== 'off') return [];
  const asked = (['httpsRedirect', 'hsts'] as const).filter(
    (field) => route[field] !== undefined && route[field] !== false,
  );
  return asked.flatMap((field) =>
    unless(false, 'no-tls', [...path, field], {
      found: `${field} on a route with tls "off"`,
      expected: 'TLS',
      fix: `Remove ${field}, or give the route a certificate.`,
    }),
  );
}

const yearMs = 31_536_000_000;

/** What the browsers’ preload list asks for. */
function hsts({ hsts: written }: WrittenRoute, path: Path): readonly Finding[] {
  if (written === undefined || written === false || written.preload !== true) return [];
  const { maxAge, includeSubdomains } = written;
  const age = maxAge.endsWith('d') ? Number(maxAge.slice(0, -1)) * 86_400_000 : durationMs(maxAge);
  return unless(includeSubdomains === true && age >= yearMs, 'hsts-preload', [...path, 'hsts', 'preload'], {
    found: `preload with maxAge ${maxAge}${includeSubdomains === true ? '' : ' and without includeSubdomains'}`,
    expected: 'includeSubdomains and a maxAge of at least 365d',
    fix: 'Set both, or remove preload.',
  });
}

function websocket({ websocket: upgrades, methods }: WrittenRoute, path: Path): readonly Finding[] {
  if (upgrades !== true || methods === undefined) return [];
  return unless(methods.includes('GET'), 'websocket-method', [...path, 'methods'], {
    found: `websocket on a route that takes ${listOf(methods)} alone`,
    expected: 'GET among its methods: an upgrade is a GET',
    fix: 'Add GET, or remove websocket.',
  });
}
