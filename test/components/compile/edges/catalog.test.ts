import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from '../../../../components/compile/compile.ts';
import type { KubeObject } from '../../../../components/compile/output.ts';
import { readTagAnnotations } from '../../../../components/dialects/traefik-tags.ts';
import { defineApp, defineEnvironment, defineRoutes } from '../../../../components/model/define.ts';
import type { Settings } from '../../../../controllers/catalog/model.ts';
import { readPublication } from '../../../../controllers/catalog/publication.ts';
import { readService } from '../../../../controllers/catalog/sources.ts';

type App = Parameters<typeof defineApp>[0];
type Environment = Parameters<typeof defineEnvironment>[0];

const internal: Environment = {
  name: 'inside',
  kind: 'local',
  edge: 'catalog',
  catalog: { consul: 'consul.consul.svc:8500' },
  exposure: { loadBalancer: { clientAddress: 'preserved' } },
  namespace: 'tools',
};

const settings: Settings = {
  owner: { cluster: 'inside', namespace: null },
  addresses: 'internal',
  naming: 'serviceNamespace',
  v1: 'translate',
  defaultDomain: null,
  cordoned: 'drop',
  namespaces: ['*'],
  except: [],
};

function app(changes: Partial<App> = {}) {
  return defineApp({
    name: 'db',
    image: 'registry.example.org/db:1.0.0',
    ports: { http: 8080 },
    probes: { readiness: { check: { tcp: {} } } },
    routes: [{ hosts: ['db.internal.example.org'], protection: { open: 'everybody inside may look' } }],
    ...changes,
  });
}

function compiled(definitions: readonly unknown[], environment: Partial<Environment> = {}) {
  return compile({
    environment: defineEnvironment({ ...internal, ...environment } as Environment),
    definitions: definitions.map((input) => ({ input })),
    today: '2026-11-21',
  });
}

function objectsOf(definitions: readonly unknown[], environment: Partial<Environment> = {}): readonly KubeObject[] {
  const outcome = compiled(definitions, environment);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  return outcome.groups.flatMap(({ objects }) => objects);
}

function lossNames(definitions: readonly unknown[]): readonly string[] {
  const outcome = compiled(definitions);
  return outcome.ok ? [] : outcome.losses.map(({ name }) => name);
}

/** The tags of every published Service, names of routers and middlewares by their last part. */
function tagsOf(objects: readonly KubeObject[]): Readonly<Record<string, string>> {
  const services = objects.filter((object) => Object.hasOwn(object.metadata.annotations ?? {}, 'traefik.io/enable'));
  const tags = services.flatMap(({ metadata }) => readTagAnnotations(metadata.annotations ?? {}).tags);
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

function valuesOf(tags: Readonly<Record<string, string>>, pattern: RegExp): readonly string[] {
  return Object.keys(tags)
    .filter((key) => pattern.test(key))
    .map((key) => tags[key] ?? '');
}

test('a route becomes a NodePort Service of its own whose annotations are tags of Traefik', () => {
  const objects = objectsOf([app()]);
  const services = objects.filter(({ kind, metadata }) => kind === 'Service' && metadata.namespace === 'tools');
  expect(services.map(({ spec }) => (spec as { type: string }).type)).toEqual(['ClusterIP', 'NodePort']);
  expect(services[1]?.spec).toMatchObject({
    externalTrafficPolicy: 'Cluster',
    selector: { 'app.kubernetes.io/name': 'db' },
    ports: [{ name: 'http', port: 80, targetPort: 'http' }],
  });
  const tags = tagsOf(objects);
  expect(tags.enable).toBe('true');
  expect(valuesOf(tags, /^http\.routers\..*\.rule$/)).toEqual([
    '(Host("db.internal.example.org")) && (PathPrefix("/")) && (!PathPrefix("/.well-known/acme-challenge/"))',
  ]);
  const [service] = valuesOf(tags, /^http\.routers\..*\.service$/);
  expect(service).toMatch(/^db-[a-z2-7]{10}$/);
  expect(tags[`http.services.${service}.loadBalancer.server.scheme`]).toBe('http');
});

test('forward auth, headers and the stripped prefix are tags, and every middleware a router names is there', () => {
  const tags = tagsOf(
    objectsOf([
      app({
        routes: [
          {
            hosts: ['db.internal.example.org'],
            paths: ['/tools'],
            rewrite: { stripPrefix: true },
            requestHeaders: { set: { 'X-Inside': 'yes, really' }, remove: ['Cookie'] },
            protection: { forwardAuth: { app: 'gate', responseHeaders: ['X-User', 'X-Team'] } },
          },
        ],
      }),
      app({ name: 'gate', routes: [] }),
    ]),
  );
  expect(valuesOf(tags, /-auth\.forwardAuth\.authResponseHeaders$/)).toEqual(['X-Team,X-User']);
  expect(valuesOf(tags, /-strip\.stripPrefix\.prefixes$/)).toEqual(['/tools']);
  expect(valuesOf(tags, /-headers\.headers\.customRequestHeaders\.X-Inside$/)).toEqual(['yes, really']);
  expect(valuesOf(tags, /-headers\.headers\.customRequestHeaders\.Cookie$/)).toEqual(['']);
  const defined = new Set(Object.keys(tags).flatMap((key) => /^http\.middlewares\.([^.]+)\./.exec(key)?.[1] ?? []));
  const named = valuesOf(tags, /^http\.routers\..*\.middlewares$/).flatMap((list) => list.split(','));
  expect(named.filter((name) => !name.endsWith('@file') && !defined.has(name))).toEqual([]);
  expect(named.length).toBeGreaterThan(3);
});

test('each route has a guard as an object, so that a catalog without its app answers 503 and no other route does', () => {
  const objects = objectsOf([app()]);
  const rule = valuesOf(tagsOf(objects), /\.rule$/)[0];
  const priority = Number(valuesOf(tagsOf(objects), /\.priority$/)[0]);
  const guards = objects.filter(({ kind, metadata }) => kind === 'IngressRoute' && metadata.namespace === 'tools');
  const routers = guards.flatMap(({ spec }) => (spec as { routes: { match: string; priority: number }[] }).routes);
  expect(routers.find(({ match }) => match === rule)?.priority).toBe(priority - 1);
  expect(guards.map(({ spec }) => (spec as { ingressClassName: string }).ingressClassName)).toEqual(
    guards.map(() => 'edgeplane-internal'),
  );
});

test('what tags cannot say is a loss', () => {
  const route = { hosts: ['db.internal.example.org'], protection: { open: 'everybody inside may look' } };
  const asks = (changes: object) => lossNames([app({ routes: [{ ...route, ...changes }] })]);
  expect(asks({ protection: { basicAuth: { secret: 'users' } } })).toEqual(['catalog/basic-auth']);
  expect(asks({ sticky: { cookie: 'seat' } })).toEqual(['catalog/sticky']);
  expect(asks({ timeouts: { response: '5m' } })).toEqual(['catalog/timeouts']);
  expect(asks({ paths: ['/a,b'], rewrite: { stripPrefix: true } })).toEqual(['catalog/strip-comma']);
  const service = { name: 'grafana', ports: { http: 80 } };
  expect(lossNames([defineRoutes({ name: 'grafana', service, routes: [route] })])).toEqual(['catalog/service-routes']);
});

test('routes whose tags do not fit into one Service are published by several, each within what a publisher takes', () => {
  const routes = Array.from({ length: 200 }, (_, index) => ({
    hosts: [`db-${index}.internal.example.org`],
    tls: 'default' as const,
    protection: { open: 'everybody inside may look' },
  }));
  const published = objectsOf([app({ routes })]).filter(
    ({ kind, metadata }) => kind === 'Service' && 'traefik.io/enable' in (metadata.annotations ?? {}),
  );
  const views = published.map((object) => readService(object as never, false));
  const readings = views.flatMap((view) =>
    view === null ? [] : [readPublication({ ...view, ports: [{ ...view.ports[0]!, nodePort: 30_000 }] }, settings)],
  );
  expect(readings.length).toBeGreaterThan(1);
  expect(readings.flatMap(({ refused, warnings }) => [...refused, ...warnings])).toEqual([]);
  const hosts = readings.flatMap(({ publication }) => publication?.tags.join('\n').match(/db-\d+\./g) ?? []);
  expect(new Set(hosts).size).toBe(200);
  expect(new Set(published.map(({ metadata }) => metadata.name)).size).toBe(published.length);
});

test('a route that comes moves no other route to another Service', () => {
  const routes = Array.from({ length: 121 }, (_, index) => ({
    hosts: [`db-${index}.internal.example.org`],
    tls: 'default' as const,
    protection: { open: 'everybody inside may look' },
  }));
  const placesOf = (some: typeof routes) => {
    const published = objectsOf([app({ routes: some })]).filter(({ kind }) => kind === 'Service');
    return published.flatMap(({ metadata }) =>
      [...new Set(JSON.stringify(metadata.annotations ?? {}).match(/db-\d+\./g) ?? [])].map(
        (host) => `${host} ${metadata.name}`,
      ),
    );
  };
  const before = placesOf(routes.slice(1));
  expect(new Set(before.map((place) => place.split(' ')[1])).size).toBeGreaterThan(1);
  expect(placesOf(routes)).toEqual(expect.arrayContaining(before));
  expect(placesOf(routes)).toHaveLength(before.length + 1);
});

test('a route that does not fit into a Service at all is a loss', () => {
  const set = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`X-Long-${index}`, 'x'.repeat(4000)]));
  const route = { hosts: ['db.internal.example.org'], protection: { open: 'everybody inside may look' } };
  const long = { ...route, paths: ['/long'], requestHeaders: { set } };
  expect(lossNames([app({ routes: [route, long] })])).toEqual(['catalog/tag-room']);
  const at = 'app tools/db, routes[1]';
  const acceptedLosses = [{ name: 'catalog/tag-room', at, reason: 'moves next week', until: '2026-12-31' }];
  expect(JSON.stringify(objectsOf([app({ routes: [route, long] })], { acceptedLosses }))).not.toContain('X-Long');
});

test('basic auth whose loss is accepted lets nobody in', () => {
  const acceptedLosses = [
    { name: 'catalog/basic-auth', at: 'app tools/db, routes[0]', reason: 'moves next week', until: '2026-12-31' },
  ];
  const route = { hosts: ['db.internal.example.org'], protection: { basicAuth: { secret: 'users' } } };
  const tags = tagsOf(objectsOf([app({ routes: [route] })], { acceptedLosses }));
  expect(valuesOf(tags, /-allow\.ipAllowList\.sourceRange$/)).toEqual(['255.255.255.255/32']);
  expect(JSON.stringify(tags)).not.toContain('users');
});

test('the internal edge is open to private addresses alone, at its load balancer and in itself', () => {
  const objects = objectsOf([app()]);
  const door = objects.find(({ spec }) => (spec as { type?: string } | undefined)?.type === 'LoadBalancer');
  const ranges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];
  expect(door?.spec).toMatchObject({ loadBalancerSourceRanges: ranges });
  const files = objects.find(({ kind }) => kind === 'ConfigMap')?.data as Readonly<Record<string, string>>;
  expect(files['traefik.yml']).toContain('edgeplane-private-only@file');
  for (const range of ranges) expect(files['edgeplane.yml']).toContain(range);
});

test('a proxy before the internal edge is a problem: it would bring everyone by its own, private address', () => {
  const codes = (fields: object) => {
    const environment = { ...internal, trustedProxies: ['10.9.0.0/16'], ...fields };
    const outcome = compile({ environment, definitions: [{ input: app() }], today: '2026-11-21' });
    return outcome.ok ? [] : outcome.problems.map(({ code, at }) => [code, at.path]);
  };
  expect(codes({})).toEqual([['internal-proxies', 'trustedProxies']]);
  expect(codes({ exposure: { loadBalancer: { clientAddress: 'proxyProtocol' } } })).toEqual([]);
});

test('a public range on the internal edge is a problem, and so is a catalog edge without a Consul', () => {
  const exposure = {
    loadBalancer: { clientAddress: 'preserved', sourceRanges: ['10.1.0.0/16', '0.0.0.0/0'] },
  } as const;
  const { catalog: _catalog, ...without } = internal;
  const environment = { ...without, exposure };
  const outcome = compile({ environment, definitions: [{ input: app() }], today: '2026-11-21' });
  expect(outcome.ok ? [] : outcome.problems.map(({ code, at }) => [code, at.path])).toEqual([
    ['catalog', 'catalog'],
    ['internal-range', 'exposure.loadBalancer.sourceRanges[1]'],
  ]);
});

test('tokens of Consul are read from files, and no object holds one', () => {
  const text = JSON.stringify(objectsOf([app()]));
  expect(text).toContain('"CONSUL_HTTP_TOKEN_FILE"');
  expect(text).toContain('--consul-token-file=/etc/edgeplane/consul/token');
  expect(text).not.toMatch(/"token":"[^"]/);
});

test('the publisher keeps its memory in the same way in its image and in its Deployment', () => {
  const publisher = objectsOf([]).find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name.includes('catalog'),
  );
  const options = /NODE_OPTIONS="(.*)"/.exec(readFileSync('controllers/catalog/Dockerfile', 'utf8'))?.[1];
  expect(options).toBeDefined();
  expect(JSON.stringify(publisher)).toContain(JSON.stringify({ name: 'NODE_OPTIONS', value: options }));
});

test('a public and an internal edge in one cluster share no object', () => {
  const names = (environment: Partial<Environment>) =>
    objectsOf([], environment).map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`);
  const { catalog: _catalog, ...publicEdge } = internal;
  const outcome = compile({
    environment: { ...publicEdge, edge: 'traefik' },
    definitions: [],
    today: '2026-11-21',
  });
  const traefik = outcome.ok ? outcome.groups.flatMap(({ objects }) => objects) : [];
  const others = new Set(traefik.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''} ${metadata.name}`));
  const shared = names({}).filter((name) => others.has(name) && !name.startsWith('CustomResourceDefinition'));
  expect(traefik.length).toBeGreaterThan(10);
  expect(shared).toEqual([]);
});
