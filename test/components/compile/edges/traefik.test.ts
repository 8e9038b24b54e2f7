import { expect, test } from 'vitest';
import { traefikEdge } from '../../../../components/compile/edges/traefik.ts';
import type { KubeObject } from '../../../../components/compile/output.ts';
import type { EnvironmentPlan, Plan, RoutePlan } from '../../../../components/compile/plan.ts';
import { appPlan, environmentPlan, planOf, routePlan } from './plans.ts';

type Router = {
  match: string;
  priority: number;
  middlewares?: { name: string }[];
  services: { name: string; responseForwarding?: object }[];
};

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
const moved: RoutePlan['action'] = {
  kind: 'redirect',
  status: 308,
  to: 'https://new.example.org/',
  scheme: null,
  host: null,
  path: null,
};
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

test.each([
  ['http', { flushInterval: '-1ms' }],
  ['h2c', undefined],
  ['https', undefined],
] as const)(
  'a route that streams from a port of %s is told to pass on at once only where nobody speaks gRPC',
  (protocol, forwarding) => {
    const { action } = routePlan();
    if (action.kind !== 'forward') throw new Error('the plan of a route forwards');
    const targets = action.targets.map((target) => ({ ...target, protocol }));
    const objects = objectsOf(planOf([routePlan({ action: { ...action, targets } })]));
    const [service] = routersOf(objects, 'shop-main')[0]?.services ?? [];
    expect(service?.responseForwarding).toEqual(forwarding);
  },
);

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
    'shop-main-headers',
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
    headers: { customRequestHeaders: { 'X-ROUTING-API-KEY': '', 'x-shop-user': '' } },
  });
  expect(find(objects, 'Middleware', 'shop-main-headers').spec).toEqual({
    headers: { customRequestHeaders: { 'X-ROUTING-API-KEY': '' } },
  });
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

test.each<[string, Partial<RoutePlan>, readonly string[]]>([
  ['forward auth', { protection: asksAuth(null) }, ['auth-answers']],
  ['a sign-in', { protection: asksAuth('https://login.example.org/') }, ['auth-answers', 'sign-in']],
  ['a redirect to https', { tls: { kind: 'default' }, httpsRedirect: true }, ['redirect-status']],
  ['a redirect', { action: moved }, ['redirect-status']],
  ['a key', { protection: { kind: 'apiKey', secret: 'routing', key: 'api-key' } }, []],
])(
  'on an existing edge %s is a loss where no program of ours stands beside Traefik, on our own none',
  (_, route, lost) => {
    const existingEdge = { version: '3.7.13', args: [], namespace: 'traefik', ingressClass: 'edge' };
    const namesOn = (environment: EnvironmentPlan) =>
      traefikEdge.emit(planOf([routePlan(route)], environment)).losses.map(({ name }) => name);
    expect(namesOn(environmentPlan())).toEqual([]);
    expect(namesOn(environmentPlan({ existingEdge }))).toEqual(
      expect.arrayContaining(lost.map((name) => `traefik/existing-${name}`)),
    );
    const own = ['auth-answers', 'sign-in', 'redirect-status'].filter((name) => !lost.includes(name));
    for (const name of own)
      expect(namesOn(environmentPlan({ existingEdge }))).not.toContain(`traefik/existing-${name}`);
  },
);

function asksAuth(signIn: string | null): RoutePlan['protection'] {
  return { kind: 'forwardAuth', url: 'http://auth/', target: null, responseHeaders: [], timeoutMs: 5000, signIn };
}

test('where proxies are trusted, what they tell has a router above the usual one; elsewhere there is none', () => {
  const secure = routePlan({ tls: { kind: 'default' }, httpsRedirect: true });
  const allowed = routePlan({ allowFrom: ['192.0.2.0/24'], rateLimit: { requests: 1, perMs: 1000, burst: 1 } });
  const trusting = environmentPlan({ trustedProxies: ['10.0.0.0/8'] });
  const namesOf = (router: Router | undefined) => (router?.middlewares ?? []).map(({ name }) => name);

  const doors = objectsOf(planOf([secure], trusting));
  const [redirected, told] = routersOf(doors, 'shop-main.plain');
  expect(namesOf(redirected)).toContain('edgeplane-https@file');
  expect(namesOf(told)).not.toContain('edgeplane-https@file');
  expect(told?.match).toContain('HeaderRegexp("X-Forwarded-Proto", "^(https|wss)$")');
  expect(told?.priority).toBeGreaterThan(redirected?.priority ?? 0);
  expect(routersOf(doors, 'shop-main')).toHaveLength(1);
  expect(routersOf(objectsOf(planOf([secure])), 'shop-main.plain')).toHaveLength(1);

  const [sender, proxied] = routersOf(objectsOf(planOf([allowed], trusting)), 'shop-main');
  expect(namesOf(sender)).toEqual(expect.arrayContaining(['shop-main-allow', 'shop-main-rate']));
  expect(namesOf(proxied)).toEqual(expect.arrayContaining(['shop-main-allowtold', 'shop-main-ratetold']));
  expect(namesOf(proxied)).not.toContain('shop-main-allow');
  expect(proxied?.match).toContain('HeaderRegexp("X-Forwarded-For", ".")');
  expect(routersOf(objectsOf(planOf([allowed])), 'shop-main')).toHaveLength(1);
});

test('a published host points to the name of the load balancer, which has it', () => {
  const environment = environmentPlan({ dnsTarget: 'edge.example.org' });
  const output = traefikEdge.emit(planOf([routePlan({ dns: true })], environment));
  const [route] = [...output.apps.values()].flat().filter(({ kind }) => kind === 'IngressRoute');
  expect(route?.metadata.annotations).toMatchObject({
    'external-dns.alpha.kubernetes.io/hostname': 'shop.example.org',
    'external-dns.alpha.kubernetes.io/target': 'edge.example.org',
  });
  expect(find(output.platform, 'Service', 'edgeplane-edge').metadata.annotations).toMatchObject({
    'external-dns.alpha.kubernetes.io/hostname': 'edge.example.org',
  });
  expect(output.losses).toEqual([]);
});

test('a published host without anything to point to is a loss; an address is no name for the load balancer', () => {
  const names = (dnsTarget: string | null) =>
    traefikEdge.emit(planOf([routePlan({ dns: true })], environmentPlan({ dnsTarget })));
  expect(names(null).losses.map(({ name }) => name)).toEqual(['traefik/dns']);
  expect(names('192.0.2.1').losses).toEqual([]);
  const service = find(names('192.0.2.1').platform, 'Service', 'edgeplane-edge');
  expect(service.metadata.annotations).not.toHaveProperty(['external-dns.alpha.kubernetes.io/hostname']);
});

test('an https target is held to its CA, and to the name of its Service', () => {
  const target = {
    namespace: 'apps',
    service: 'shop',
    port: 443,
    protocol: 'https',
    ca: 'internal-ca',
    weight: 1,
  } as const;
  const objects = objectsOf(planOf([routePlan({ action: { kind: 'forward', targets: [target] } })]));
  expect(find(objects, 'ServersTransport', 'shop-main').spec).toMatchObject({
    serverName: 'shop.apps.svc',
    rootCAs: [{ secret: 'internal-ca' }],
  });
});
