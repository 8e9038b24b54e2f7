import { expect, test } from 'vitest';
import { app, codesOf, edgeRoutes, open, planOf, problemsOf } from './definitions.ts';

const routed = (route: object) => app({ routes: [{ hosts: ['a.example.org'], protection: open, ...route }] });

test('a route leads to the only port, or to the one named http', () => {
  const [only] = planOf([routed({})]).routes;
  expect(only?.action).toEqual({
    kind: 'forward',
    targets: [{ namespace: 'shop', service: 'cart', port: 80, protocol: 'http', ca: null, weight: 1 }],
  });
  const two = { ...routed({}), ports: { admin: 9000, http: { port: 8080, servicePort: 8000 } } };
  expect(planOf([two]).routes[0]?.action).toMatchObject({ targets: [{ port: 8000 }] });
});

test('several ports of another app and none named http need the port written', () => {
  const canary = app({
    name: 'canary',
    ports: { web: 8080, admin: 9000 },
    probes: { readiness: { none: 'batch pods' } },
  });
  expect(codesOf([canary, routed({ to: [{ app: 'canary' }] })])).toEqual([
    'ambiguous-port at app shop/cart: routes[0].to[0]',
  ]);
});

test('an unknown port of another app names the ports there are and the one that was meant', () => {
  const [problem] = problemsOf([app({ name: 'canary' }), routed({ to: [{ app: 'canary', port: 'htpt' }] })]);
  expect(problem).toEqual({
    code: 'unknown-port',
    at: { subject: 'app shop/cart', path: 'routes[0].to[0]' },
    found: '"htpt"',
    expected: 'a port of app shop/canary: one of "http"',
    fix: 'Name a port that is declared. Did you mean "http"?',
  });
});

test('a port is found by the number of the container', () => {
  expect(planOf([routed({ to: 8080 })]).routes[0]?.action).toMatchObject({ targets: [{ port: 80 }] });
});

test('no route leads to a port of another app that does not speak HTTP', () => {
  const store = app({ name: 'store', ports: { http: 8080, db: { port: 5432, protocol: 'tcp' } } });
  expect(codesOf([store, routed({ to: [{ app: 'store', port: 'db' }] })])).toEqual([
    'port-protocol at app shop/cart: routes[0].to[0]',
  ]);
});

test('a sidecar’s port is part of the Service, and its number may not be taken there', () => {
  const sidecar = (port: { port: number; servicePort?: number }) =>
    app({ sidecars: [{ name: 'proxy', image: 'example/proxy:1.0', ports: { proxy: port } }] });
  const ports = planOf([sidecar({ port: 9000 })]).apps[0]?.service?.ports;
  expect(ports?.map(({ name, servicePort }) => `${name} ${servicePort}`)).toEqual(['http 80', 'proxy 9000']);
  expect(codesOf([sidecar({ port: 9000, servicePort: 80 })])).toEqual([
    'service-port-twice at app shop/cart: sidecars[0].ports.proxy',
  ]);
});

test('an auth app that does not exist is a problem that names the near one', () => {
  const protection = { forwardAuth: { app: 'auht', path: '/check' } };
  const [problem] = problemsOf([app({ name: 'auth' }), routed({ protection })]);
  expect(problem).toEqual({
    code: 'unknown-app',
    at: { subject: 'app shop/cart', path: 'routes[0].protection.forwardAuth.app' },
    found: '"auht", and namespace shop has no such app',
    expected: 'the name of an app that is defined here',
    fix: 'Define it or correct the name. Did you mean "auth"?',
  });
});

test('an app of the right name in another namespace is pointed at', () => {
  const [problem] = problemsOf([
    app({ name: 'auth', namespace: 'identity' }),
    routed({ protection: { forwardAuth: { app: 'auth' } } }),
  ]);
  expect(problem?.fix).toContain('Namespace identity has one of this name.');
});

test('forward auth asks the Service of the auth app across namespaces', () => {
  const auth = app({ name: 'auth', namespace: 'identity', ports: { http: 4180 } });
  const forwardAuth = { app: 'auth', namespace: 'identity', path: '/check', responseHeaders: ['X-User', 'X-Email'] };
  const { protection } = planOf([auth, routed({ protection: { forwardAuth } })]).routes[0] ?? {};
  expect(protection).toEqual({
    kind: 'forwardAuth',
    url: 'http://auth.identity.svc.cluster.local:80/check',
    target: { namespace: 'identity', app: 'auth', service: 'auth', port: 80 },
    responseHeaders: ['X-Email', 'X-User'],
    timeoutMs: 5000,
    signIn: null,
  });
});

test('the environment’s forward auth looks for its app beside the app it guards', () => {
  const protection = { forwardAuth: { app: 'auht' } };
  const definitions = [app({ name: 'auth', namespace: 'shop' }), app({ routes: [{ hosts: ['a.example.org'] }] })];
  expect(codesOf(definitions, { protection })).toEqual(['unknown-app at environment test: protection.forwardAuth.app']);
});

test('weighted targets name apps of the namespace, once each', () => {
  const canary = app({ name: 'canary' });
  const of = (to: unknown) => codesOf([canary, routed({ to })]);
  expect(of([{ weight: 9 }, { app: 'canary', weight: 1 }])).toEqual([]);
  expect(of([{ weight: 9 }, { app: 'canray', weight: 1 }])).toEqual([
    'unknown-app at app shop/cart: routes[0].to[1].app',
  ]);
  expect(of([{ weight: 1 }, { app: 'cart', weight: 1 }])).toEqual(['target-twice at app shop/cart: routes[0].to']);
});

test('a route without any protection is a problem: open is written out', () => {
  expect(codesOf([app({ routes: [{ hosts: ['a.example.org'] }] })])).toEqual([
    'undeclared-protection at app shop/cart: routes[0].protection',
  ]);
});

test('a route’s protection stands over its app’s, the app’s over the environment’s', () => {
  const environment = { protection: { basicAuth: { secret: 'staff' } } };
  const kind = (definition: unknown) => planOf([definition], environment).routes[0]?.protection.kind;
  const routes = [{ hosts: ['a.example.org'] }];
  expect(kind(app({ routes }))).toBe('basicAuth');
  expect(kind(app({ routes, protection: { bearer: {} } }))).toBe('bearer');
  expect(kind(app({ routes: [{ hosts: ['a.example.org'], protection: open }], protection: { bearer: {} } }))).toBe(
    'open',
  );
});

test('a routing secret is a name and a key, by default routing:api-key', () => {
  const of = (protection: object) => planOf([routed({ protection })]).routes[0]?.protection;
  expect(of({ apiKey: {} })).toEqual({ kind: 'apiKey', secret: 'routing', key: 'api-key' });
  expect(of({ bearer: { secret: 'partners:acme' } })).toEqual({ kind: 'bearer', secret: 'partners', key: 'acme' });
});

test('routes on a Service that exists already lead to its ports, and make no Service', () => {
  const plan = planOf([edgeRoutes()]);
  expect(plan.apps[0]).toMatchObject({ workload: null, service: { name: 'wiki-web', managed: false } });
  expect(plan.routes[0]?.action).toMatchObject({ targets: [{ service: 'wiki-web', port: 80 }] });
});

test('callers and calls name apps that are defined, and both sides agree', () => {
  expect(codesOf([app({ callers: ['web'] })])).toEqual(['unknown-app at app shop/cart: callers[0]']);
  expect(codesOf([app({ calls: ['web'] }), app({ name: 'web' })])).toEqual([
    'call-not-admitted at app shop/cart: calls',
  ]);
  expect(codesOf([app({ calls: ['web'] }), app({ name: 'web', callers: ['cart'] })])).toEqual([]);
  expect(codesOf([app({ calls: ['web'] }), app({ name: 'web' })], { networkPolicy: false })).toEqual([]);
  expect(codesOf([app({ callers: ['wiki'] }), edgeRoutes()])).toEqual(['unknown-pods at app shop/cart: callers[0]']);
});

test('a strip takes the whole matched path off', () => {
  const strip = planOf([routed({ paths: ['/api/'], rewrite: { stripPrefix: true } })]).routes[0];
  expect(strip?.rewrite).toEqual({ kind: 'replacePrefix', from: '/api', to: '/' });
});

test('an app and a namespace of the cluster’s own are refused', () => {
  expect(codesOf([app({ name: 'edgeplane-gatekeeper' })])).toEqual([
    'reserved-name at app shop/edgeplane-gatekeeper: name',
  ]);
  expect(codesOf([app({ namespace: 'kube-system' })])).toEqual([
    'reserved-namespace at app kube-system/cart: namespace',
  ]);
  expect(codesOf([app({ namespace: 'edgeplane-edge' })])).toEqual([
    'reserved-namespace at app edgeplane-edge/cart: namespace',
  ]);
  expect(codesOf([app({ labels: { 'app.kubernetes.io/name': 'x' } })])).toEqual([
    'reserved-key at app shop/cart: labels["app.kubernetes.io/name"]',
  ]);
  expect(codesOf([app({ service: { annotations: { 'edgeplane.dev/environment': 'x' } } })])).toEqual([
    'reserved-key at app shop/cart: service.annotations["edgeplane.dev/environment"]',
  ]);
});

test('a name taken twice in a namespace is a problem, in two namespaces it is not', () => {
  expect(codesOf([app(), app()])).toEqual(['name-taken at app shop/cart: name']);
  expect(codesOf([app(), edgeRoutes({ name: 'cart' })])).toEqual(['name-taken at routes shop/cart: name']);
  expect(codesOf([app(), app({ namespace: 'office' })])).toEqual([]);
});

test('routes on a Service of someone else’s may not mean one that an app makes', () => {
  const routes = edgeRoutes({ service: { name: 'cart', ports: { http: 80 } } });
  expect(codesOf([app(), routes])).toEqual(['service-owned at routes shop/wiki: service.name']);
  expect(codesOf([app({ namespace: 'blog' }), routes])).toEqual([]);
});

test('a node port is claimed once in the cluster', () => {
  const nodePort = (name: string) =>
    app({ name, ports: { http: { port: 8080, nodePort: 30_080 } }, service: { type: 'NodePort' } });
  expect(codesOf([nodePort('a'), nodePort('b')])).toEqual(['node-port-conflict at app shop/b: ports.http.nodePort']);
});
