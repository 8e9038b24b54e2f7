import fc from 'fast-check';
import { type Definition, defineRoutes } from '../../components/model/define.ts';
import { claimTheSame } from '../../components/model/precedence.ts';
import type { RouteMatch } from '../../components/model/route-match.ts';
import type { RawRequest } from './raw-client.ts';
import { mainWorld, serviceOf, type World } from './worlds.ts';

export type RandomRequest = RawRequest &
  Required<Pick<RawRequest, 'scheme' | 'method' | 'headers'>> & { readonly host: string };

type Routes = Parameters<typeof defineRoutes>[0]['routes'];
const services = ['a', 'b', 'c', 'd'] as const;

const paths = ['/', '/a', '/a/b', '/ab', '/a/b/c', '/b', '/a-b', '/.hidden/x'];
const hostNames = (table: number) => [`x.t${table}.test`, `y.t${table}.test`, `*.t${table}.test`];

interface RandomRoute {
  readonly host: string;
  readonly path: string;
  readonly exact: boolean;
  readonly methods: readonly string[];
  readonly header: string | null;
  readonly service: (typeof services)[number];
  readonly rewrite: 'none' | 'strip' | 'replace';
  readonly encodedSlash: boolean;
}

function randomRoute(table: number): fc.Arbitrary<RandomRoute> {
  return fc.record({
    host: fc.constantFrom(...hostNames(table)),
    path: fc.constantFrom(...paths),
    exact: fc.constantFrom(false, false, true),
    methods: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom('GET', 'POST', 'PUT'), { minLength: 1, maxLength: 2 }) },
    ),
    header: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom('1', '2') }),
    service: fc.constantFrom(...services),
    rewrite: fc.constantFrom('none', 'none', 'strip', 'replace'),
    encodedSlash: fc.boolean(),
  });
}

function matchOf({ host, path, exact, methods, header }: RandomRoute): RouteMatch {
  return {
    host: host.startsWith('*.') ? { kind: 'wildcard', suffix: host.slice(2) } : { kind: 'exact', name: host },
    path: { kind: exact ? 'exact' : 'prefix', path },
    methods,
    headers: header === null ? [] : [{ name: 'x-key', value: header }],
  };
}

/** Without routes of which nobody could say which wins. */
function withoutConflicts(routes: readonly RandomRoute[]): readonly RandomRoute[] {
  return routes.filter((route, index) =>
    routes.slice(0, index).every((earlier) => !claimTheSame(matchOf(earlier), matchOf(route))),
  );
}

function written(route: RandomRoute, mark: string): Routes[number] {
  const rewrite = route.rewrite === 'strip' ? { stripPrefix: true as const } : { replacePrefix: '/new/place' };
  return {
    name: mark,
    hosts: [route.host],
    paths: [route.exact ? { exact: route.path } : route.path],
    ...(route.methods.length === 0 ? {} : { methods: [...route.methods] as never }),
    ...(route.header === null ? {} : { headers: { 'X-Key': route.header } }),
    ...(route.rewrite === 'none' ? {} : { rewrite }),
    encodedSlash: route.encodedSlash ? 'allow' : 'refuse',
    requestHeaders: { set: { 'X-Route': mark } },
  };
}

/** Random route tables side by side, each on hosts of its own; every route marks what it forwards. */
export function randomWorld(tables: number, seed: number): World {
  const definitions = Array.from({ length: tables }, (_, table): readonly Definition[] => {
    const drawn = fc.sample(fc.array(randomRoute(table), { minLength: 12, maxLength: 24 }), {
      numRuns: 1,
      seed: seed + table,
    });
    const routes = withoutConflicts(drawn[0] ?? []).map((route, index) => ({
      service: route.service,
      route: written(route, `t${table}r${index}`),
    }));
    return services.flatMap((service) => {
      const own = routes.filter((entry) => entry.service === service).map(({ route }) => route);
      if (own.length === 0) return [];
      return [
        defineRoutes({
          name: `t${table}-${service}`,
          service: { name: serviceOf(service), ports: { http: 80 } },
          routes: own,
        }),
      ];
    });
  });
  const echoes = mainWorld.definitions.filter(({ kind, name }) => kind === 'App' && name !== 'auth');
  const environment = { ...mainWorld.environment, namespace: 'conformance-random' };
  return { name: 'random', environment, definitions: [...echoes, ...definitions.flat()] };
}

const segments = ['a', 'b', 'c', 'ab', 'a-b', 'A', '%61', '.', '..', '%2e%2E', '', 'a%2Fb', '..%2f', 'x;v=1', '..;y'];
const rareSegments = [
  '%00',
  '%5c',
  '%25',
  '%23',
  '%3B',
  '%3f',
  'a%20b',
  '%C3%A9',
  '.hidden',
  'new',
  '@s',
  '%7e',
  "it's",
];

/** Requests that often nearly fit a table: spellings of its hosts, paths made of the same few segments. */
export function randomRequests(table: number): fc.Arbitrary<RandomRequest> {
  const spelt = (texts: readonly string[]) => fc.constantFrom(...texts.map((text) => spell(text, table)));
  const host = fc.oneof(
    { weight: 12, arbitrary: spelt(['x', 'y', 'z']) },
    { weight: 4, arbitrary: spelt(['X', 'x.', 'y:80', 'Y.:80']) },
    { weight: 1, arbitrary: fc.oneof(spelt(['z.z']), fc.constantFrom(`t${table}.test`, 'nobody.test')) },
  );
  const segment = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom('a', 'b', 'c', 'ab') },
    { weight: 4, arbitrary: fc.constantFrom(...segments) },
    { weight: 1, arbitrary: fc.constantFrom(...rareSegments) },
  );
  const path = fc
    .tuple(fc.constantFrom(...paths), fc.array(segment, { maxLength: 2 }))
    .map(([start, parts]) => `${start === '/' ? '' : start}${parts.map((part) => `/${part}`).join('')}` || '/');
  return fc.record({
    scheme: fc.constant('http' as const),
    host,
    method: fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'DELETE'),
    target: fc.tuple(path, fc.constantFrom('', '', '?q=1', '?x=%2F..&y')).map(([text, query]) => `${text}${query}`),
    headers: fc.constantFrom<RandomRequest['headers']>([], [], [['X-Key', '1']], [['x-KEY', '2']], [['X-Key', '12']]),
  });
}

/** `x.` is the host with a dot at its end, `y:80` with a port. */
function spell(text: string, table: number): string {
  const [label = '', port] = text.split(':');
  const dotted = label.endsWith('.');
  return `${dotted ? label.slice(0, -1) : label}.t${table}.test${dotted ? '.' : ''}${port === undefined ? '' : `:${port}`}`;
}
