import { expect, test } from 'vitest';
import { traefikEdge } from '../../../../components/compile/edges/traefik.ts';
import type { KubeObject } from '../../../../components/compile/output.ts';
import type { EnvironmentPlan, Plan, RoutePlan } from '../../../../components/compile/plan.ts';
import { appPlan, environmentPlan, planOf, routePlan } from './plans.ts';

type Router = { match: string; priority: number; middlewares?: { name: string }[]; services: { name: string }[] };

function objectsOf(plan: Plan): readonly KubeObject[] {
  return [...traefikEdge.emit(plan).apps.values()].flat();
}

function find(objects: readonly KubeObject[], kind: string, name: string): KubeObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}

function routersOf(objects: readonly KubeObject[], name: string): readonly Router[] {
  return (find(objects, 'IngressRoute', name).spec as { routes: Router[] }).routes;
}

const host = (name: string): RoutePlan['match']['host'] => ({ kind: 'exact', name });
const path = (text: string): RoutePlan['match']['path'] => ({ kind: 'prefix', path: text });

test('every router of a route has a guard with the same rule one below it, in an IngressRoute of its own', () => {
  const routes = [
    routePlan(),
    routePlan({ id: 'apps/shop/api', objectName: 'shop-api', match: { ...routePlan().match, path: path('/api') } }),
  ];
  const objects = objectsOf(planOf(routes));
  const guards = routersOf(objects, 'shop.guards-plain');
  for (const { objectName } of routes) {
    const [router] = routersOf(objects, objectName);
    expect(guards).toContainEqual({
      kind: 'Rule',
      match: router?.match,
      priority: (router?.priority ?? 0) - 1,
      services: [{ kind: 'TraefikService', name: 'edgeplane-unavailable@file' }],
    });
  }
});

test('each host gets one 404 guard on both entry points, whatever its routes are served on', () => {
  const objects = objectsOf(
    planOf([routePlan(), routePlan({ objectName: 'other', match: { ...routePlan().match, path: path('/x') } })]),
  );
  for (const name of ['shop.guards-plain', 'shop.guards-secure']) {
    const guards = routersOf(objects, name).filter(({ middlewares }) =>
      middlewares?.some((middleware) => middleware.name === 'edgeplane-not-found@file'),
    );
    expect(guards).toHaveLength(1);
  }
});

test('protection comes before what changes the path, and the checked key is taken off after it', () => {
  const route = routePlan({
    protection: { kind: 'apiKey', secret: 'routing', key: 'api-key' },
    rewrite: { kind: 'replacePrefix', from: '/app', to: '/' },
    allowFrom: ['10.0.0.0/8'],
    hsts: { maxAgeSeconds: 60, includeSubdomains: false, preload: false },
    bodyLimitBytes: 10,
    streaming: false,
  });
  const objects = objectsOf(planOf([route]));
  expect(routersOf(objects, 'shop-main')[0]?.middlewares?.map(({ name }) => name)).toEqual([
    'edgeplane-encoded-slash@file',
    'edgeplane-hygiene@file',
    'shop-main-hsts',
    'shop-main-allow',
    'shop-main-auth',
    'shop-main-headers',
    'shop-main-limit',
    'shop-main-strip',
  ]);
  expect(find(objects, 'Middleware', 'shop-main-headers').spec).toEqual({
    headers: { customRequestHeaders: { 'X-ROUTING-API-KEY': '' } },
  });
});

test('with TLS plain HTTP is redirected first, on routers with all protection behind the redirect', () => {
  const route = routePlan({
    tls: { kind: 'default' },
    httpsRedirect: true,
    protection: { kind: 'basicAuth', secret: 'users', realm: 'shop' },
  });
  const objects = objectsOf(planOf([route]));
  expect(routersOf(objects, 'shop-main.plain')[0]?.middlewares?.map(({ name }) => name)).toEqual([
    'edgeplane-encoded-slash@file',
    'edgeplane-hygiene@file',
    'edgeplane-https@file',
    'shop-main-auth',
  ]);
  expect(find(objects, 'IngressRoute', 'shop-main').spec).toMatchObject({ entryPoints: ['websecure'], tls: {} });
});

test('a route at the path of challenges asks nobody for them', () => {
  const route = routePlan({
    match: { host: host('a.test'), path: path('/.well-known/acme-challenge'), methods: [], headers: [] },
    protection: { kind: 'basicAuth', secret: 'users', realm: 'shop' },
  });
  const [usual, challenge] = routersOf(objectsOf(planOf([route])), 'shop-main');
  expect(usual?.middlewares?.map(({ name }) => name)).toContain('shop-main-auth');
  expect(challenge?.match).toContain('PathPrefix("/.well-known/acme-challenge/")');
  expect(challenge?.middlewares?.map(({ name }) => name)).not.toContain('shop-main-auth');
});

test('an open route of an app lets in no header that another of its routes vouches for', () => {
  const asked = routePlan({
    protection: {
      kind: 'forwardAuth',
      url: 'http://auth/',
      target: null,
      responseHeaders: ['X-Shop-User'],
      timeoutMs: 5000,
      signIn: null,
    },
  });
  const open = routePlan({
    id: 'apps/shop/open',
    objectName: 'shop-open',
    match: { ...asked.match, path: path('/open') },
  });
  const objects = objectsOf(planOf([asked, open]));
  expect(find(objects, 'Middleware', 'shop-open-headers').spec).toEqual({
    headers: { customRequestHeaders: { 'x-shop-user': '' } },
  });
  expect(objects.some(({ metadata }) => metadata.name === 'shop-main-headers')).toBe(false);
});

test('adding a route to one app changes no object of another, nor of the platform', () => {
  const apps = [appPlan(), appPlan({ name: 'blog' })];
  const blog = routePlan({
    id: 'apps/blog/main',
    app: 'blog',
    objectName: 'blog-main',
    match: { ...routePlan().match, host: host('b.test') },
  });
  const before = traefikEdge.emit({ ...planOf([blog]), apps });
  const after = traefikEdge.emit({ ...planOf([blog, routePlan()]), apps });
  expect(after.apps.get('apps/blog')).toEqual(before.apps.get('apps/blog'));
  expect(after.platform).toEqual(before.platform);
});

test('every reference to a middleware of the namespace is to one that is emitted', () => {
  const objects = objectsOf(
    planOf([
      routePlan({
        websocket: true,
        cors: {
          origins: ['*'],
          methods: ['GET'],
          headers: [],
          exposeHeaders: [],
          credentials: false,
          maxAgeSeconds: 5,
        },
        rateLimit: { requests: 1, perMs: 1000, burst: 1 },
        retries: { attempts: 2, initialIntervalMs: 100 },
        rewrite: { kind: 'replacePrefix', from: '/a', to: '/b' },
        requestHeaders: { set: [{ name: 'X-A', value: '1' }], remove: ['X-B'] },
      }),
    ]),
  );
  const emitted = new Set(objects.filter(({ kind }) => kind === 'Middleware').map(({ metadata }) => metadata.name));
  const asked = objects
    .filter(({ kind }) => kind === 'IngressRoute')
    .flatMap(({ spec }) => (spec as { routes: Router[] }).routes)
    .flatMap(({ middlewares = [] }) => middlewares.map(({ name }) => name))
    .filter((name) => !name.endsWith('@file'));
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((name) => !emitted.has(name))).toEqual([]);
});

test.each<[string, Partial<EnvironmentPlan>, Partial<RoutePlan>, readonly string[]]>([
  ['closing on unknown hosts', { unknownHost: 'close' }, {}, ['traefik/unknown-host-close']],
  ['streaming with a body limit', {}, { bodyLimitBytes: 1 }, ['traefik/streaming-with-body-limit']],
  ['a plain route', {}, {}, []],
])('losses of %s', (_, environment, route, expected) => {
  const plan = planOf([routePlan(route)], environmentPlan(environment));
  expect(traefikEdge.emit(plan).losses.map(({ name }) => name)).toEqual(expected);
});

test('on an existing edge an app brings its own guards and nothing refers to a file', () => {
  const existingEdge = { version: '3.7.13', args: [], namespace: 'traefik', ingressClass: 'edge' };
  const output = traefikEdge.emit(planOf([routePlan()], environmentPlan({ existingEdge })));
  expect(output.platform).toEqual([]);
  expect(output.crds).toEqual([]);
  const objects = [...output.apps.values()].flat();
  expect(JSON.stringify(objects)).not.toContain('@file');
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toContain('Service shop-unavailable');
});
