import { expect, test } from 'vitest';
import { answerOf } from '../../../components/readers/answer.ts';
import { judge } from '../../../components/readers/judge.ts';
import { readObjects } from '../../../components/readers/read.ts';

const traefik = (name: string, spec: object, kind = 'IngressRoute') => ({
  object: { apiVersion: 'traefik.io/v1alpha1', kind, metadata: { name, namespace: 'shop' }, spec },
});
const route = (match: string, more: object = {}) => ({
  match,
  kind: 'Rule',
  services: [{ name: 'cart', port: 80 }],
  ...more,
});
const ingress = (annotations: Record<string, string>, paths: object[], more: object = {}) => ({
  object: {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: 'cart',
      namespace: 'shop',
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]),
      ),
      ...more,
    },
    spec: { ingressClassName: 'nginx', rules: [{ host: 'shop.test', http: { paths } }] },
  },
});
const backend = { service: { name: 'cart', port: { number: 80 } } };
const codes = (...sources: Parameters<typeof readObjects>[0]) =>
  judge(readObjects(sources)).map(({ code, severity }) => `${severity} ${code}`);
const onlyRoute = (...sources: Parameters<typeof readObjects>[0]) => {
  const { routes } = readObjects(sources);
  expect(routes).toHaveLength(1);
  return routes[0]!;
};

test.each([
  ['Host(`a.test`) && (Path(`/x`) || PathPrefix(`/x/`))', [['a.test', 'prefix', '/x', 'same']]],
  ['Host("a.test") && Path("/x")', [['a.test', 'exact', '/x', 'same']]],
  [
    'Host(`a.test`) || Host(`b.test`)',
    [
      ['a.test', 'prefix', '/', 'same'],
      ['b.test', 'prefix', '/', 'same'],
    ],
  ],
  ['Host(`a.test`) && PathPrefix(`/x`)', [['a.test', 'prefix', '/x', 'wider']]],
  ['Host(`a.test`) && PathPrefix(`/x/`)', [['a.test', 'prefix', '/x', 'narrower']]],
  ['Host(`a.test`) && !Path(`/x`)', [['a.test', 'prefix', '/', 'narrower']]],
  ['Host(`a.test`) && PathRegexp(`^/x[0-9]$`)', [['a.test', 'prefix', '/', 'narrower']]],
  ['HostRegexp(`^[a-z0-9-]+\\.a\\.test$`)', [['*.a.test', 'prefix', '/', 'same']]],
  ['HostRegexp(`^.+\\.a\\.test$`)', [['*.a.test', 'prefix', '/', 'wider']]],
  ['Host(`a.test`) && Host(`b.test`)', []],
  ['!(!Host(`a.test`) || !Path(`/x`))', [['a.test', 'exact', '/x', 'same']]],
])('the rule %s is told by its alternatives', (match, expected) => {
  const { routes } = readObjects([traefik('cart', { routes: [route(match)] })]);
  const told = routes.map(({ match: { host, path }, fit }) => [
    host.kind === 'exact' ? host.name : host.kind === 'wildcard' ? `*.${host.suffix}` : '(any)',
    path.kind,
    path.path,
    fit,
  ]);
  expect(told).toEqual(expected);
  for (const { fit, notes } of routes) expect(notes.length > 0).toBe(fit !== 'same');
});

test('methods of alternatives are one route, and && binds more than ||', () => {
  const match = 'Host(`a.test`) && Method(`GET`) || Host(`a.test`) && Method(`PUT`)';
  expect(onlyRoute(traefik('cart', { routes: [route(match)] })).match.methods).toEqual(['GET', 'PUT']);
});

test.each([
  'Host(`a.test`',
  'Host(a.test)',
  'Host(`a`) & Path(`/`)',
  '',
  'Host("a\\q")',
  '('.repeat(5000),
  'Host(`a.test`, `b.test`)',
  'Headers(`X-Team`, `a`)',
])('what is no rule is an error: %.20s', (match) => {
  expect(codes(traefik('cart', { routes: [route(match)] }))).toEqual(['error unreadable-rule']);
});

test('a middleware that is missing is an error, and nobody says that the route is open', () => {
  const source = traefik('cart', { routes: [route('Host(`a.test`)', { middlewares: [{ name: 'auth' }] })] });
  expect(codes(source)).toEqual(['error missing-reference']);
  expect(onlyRoute(source).protection).toEqual({ kind: 'unknown', why: 'Middleware shop/auth is missing' });
});

test('a chain is what its middlewares do, and a plugin leaves open who is asked', () => {
  const chain = traefik('all', { chain: { middlewares: [{ name: 'auth' }, { name: 'strip' }] } }, 'Middleware');
  const auth = traefik('auth', { forwardAuth: { address: 'http://gate/' } }, 'Middleware');
  const strip = traefik('strip', { stripPrefix: { prefixes: ['/x'] } }, 'Middleware');
  const plugin = traefik('plug', { plugin: { oidc: {} } }, 'Middleware');
  const using = (name: string) =>
    traefik('cart', { routes: [route('Host(`a.test`) && Path(`/x/y`)', { middlewares: [{ name }] })] });
  const read = onlyRoute(chain, auth, strip, using('all'));
  expect(read.protection).toMatchObject({ kind: 'forwardAuth', url: 'http://gate/' });
  expect(read.rewrite).toEqual({ kind: 'replacePrefix', from: '/x', to: '/' });
  expect(onlyRoute(plugin, using('plug')).protection.kind).toBe('unknown');
});

test('protection behind a rewrite is told', () => {
  const middlewares = [
    traefik('strip', { stripPrefix: { prefixes: ['/x'] } }, 'Middleware'),
    traefik('auth', { forwardAuth: { address: 'http://gate/' } }, 'Middleware'),
  ];
  const source = traefik('cart', {
    routes: [route('Host(`a.test`) && Path(`/x`)', { middlewares: [{ name: 'strip' }, { name: 'auth' }] })],
  });
  expect(codes(...middlewares, source)).toEqual(['note protection-after-rewrite']);
});

test('a longer rule that stands before a more specific one is told', () => {
  const long = traefik('long', { routes: [route('HostRegexp(`^[a-z0-9-]+\\.shop\\.test$`) && PathPrefix(`/`)')] });
  const short = traefik('short', { routes: [route('Host(`a.shop.test`)')] });
  expect(codes(long, short)).toContain('note priority-order');
  const given = traefik('short', { routes: [route('Host(`a.shop.test`)', { priority: 1000 })] });
  expect(codes(long, given)).not.toContain('note priority-order');
});

test('a host whose rest goes on to a wildcard is told', () => {
  const wild = traefik('wild', { routes: [route('Host(`*.test`)')] });
  const named = traefik('named', { routes: [route('Host(`a.test`) && Path(`/x`)', { priority: 9999 })] });
  expect(codes(wild, named)).toContain('note host-falls-through');
});

test('the same host and match of two objects of one edge is an error, of two edges it is none', () => {
  const one = ingress({}, [{ path: '/', pathType: 'Prefix', backend }]);
  const two = ingress({}, [{ path: '/', pathType: 'Prefix', backend }], { name: 'other' });
  expect(codes(one, two)).toContain('error route-conflict');
  expect(codes(one, traefik('cart', { routes: [route('Host(`shop.test`)')] }))).not.toContain('error route-conflict');
  const canary = ingress({ canary: 'true' }, [{ path: '/', pathType: 'Prefix', backend }]);
  expect(codes(one, canary)).not.toContain('error route-conflict');
});

test.each([
  ['/cart(/|$)(.*)', '/$2', '/cart', { kind: 'replacePrefix', from: '/cart', to: '/' }, 'same'],
  ['/cart(/|$)(.*)', '/new/$2', '/cart', { kind: 'replacePrefix', from: '/cart', to: '/new' }, 'same'],
  ['/cart/(.*)', '/$1', '/cart', { kind: 'replacePrefix', from: '/cart', to: '/' }, 'narrower'],
  ['/(.*)', '/$1', '/', { kind: 'none' }, 'same'],
  ['/cart/[0-9]+', '/x', '/cart', { kind: 'none' }, 'narrower'],
])('the path %s with the rewrite target %s of ingress-nginx', (path, target, prefix, rewrite, fit) => {
  const read = onlyRoute(
    ingress({ 'rewrite-target': target }, [{ path, pathType: 'ImplementationSpecific', backend }]),
  );
  expect({ path: read.match.path, rewrite: read.rewrite, fit: read.fit }).toEqual({
    path: { kind: 'prefix', path: prefix },
    rewrite,
    fit,
  });
});

test('annotations of ingress-nginx say who is asked', () => {
  const paths = [{ path: '/', pathType: 'Prefix', backend }];
  const asked = onlyRoute(
    ingress({ 'auth-url': 'http://gate/', 'auth-response-headers': 'X-A, X-B', 'auth-signin': 'https://s' }, paths),
  );
  expect(asked.protection).toEqual({
    kind: 'forwardAuth',
    url: 'http://gate/',
    responseHeaders: ['X-A', 'X-B'],
    signIn: 'https://s',
  });
  expect(onlyRoute(ingress({ 'auth-type': 'basic', 'auth-secret': 'users' }, paths)).protection.kind).toBe('basicAuth');
  expect(answerOf(onlyRoute(ingress({ 'configuration-snippet': 'auth_request /x;' }, paths)))).toBe('cannot tell');
  expect(answerOf(onlyRoute(ingress({ 'configuration-snippet': 'more_set_headers "X-A: b";' }, paths)))).toBe('open');
  expect(codes(ingress({ 'auth-type': 'basic' }, paths))).toContain('error missing-reference');
  expect(codes(ingress({ 'new-thing': '1' }, paths))).toContain('doubt unknown-annotation');
  expect(onlyRoute(ingress({ 'whitelist-source-range': '10.0.0.0/8' }, paths)).allowFrom).toEqual(['10.0.0.0/8']);
});

test('an HTTPRoute gives one route a host and match, its filters read', () => {
  const object = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: {
      parentRefs: [{ name: 'edge', namespace: 'infra' }],
      hostnames: ['a.test', 'b.test'],
      rules: [
        {
          matches: [
            { path: { type: 'PathPrefix', value: '/x' }, method: 'GET', headers: [{ name: 'X-Key', value: '1' }] },
          ],
          filters: [
            { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } } },
            { type: 'ExternalAuth', externalAuth: { protocol: 'HTTP', backendRef: { name: 'gate', port: 80 } } },
            { type: 'ExtensionRef', extensionRef: { group: 'traefik.io', kind: 'Middleware', name: 'gone' } },
          ],
          backendRefs: [{ name: 'cart', port: 80 }],
        },
      ],
    },
  };
  const { routes } = readObjects([{ object }]);
  expect(routes.map(({ match }) => match.host)).toEqual([
    { kind: 'exact', name: 'a.test' },
    { kind: 'exact', name: 'b.test' },
  ]);
  expect(routes[0]).toMatchObject({
    edge: 'Gateway infra/edge',
    match: { methods: ['GET'], headers: [{ name: 'x-key', value: '1' }], path: { kind: 'prefix', path: '/x' } },
    rewrite: { kind: 'replacePrefix', from: '/x', to: '/' },
    protection: { kind: 'unknown', why: 'Middleware shop/gone is missing' },
  });
  expect(codes({ object })).toContain('error missing-reference');
  const [rule] = object.spec.rules;
  const whole = { ...object, spec: { ...object.spec, rules: [{ ...rule, filters: rule!.filters.slice(0, 2) }] } };
  expect(readObjects([{ object: whole }]).routes[0]!.protection).toMatchObject({
    kind: 'forwardAuth',
    url: 'http://gate.shop.svc.cluster.local:80',
  });
  expect(codes({ object: whole })).toContain('doubt unsupported-filter');
});

test('in a whole cluster a Service that is not there is an error', () => {
  const sources = [traefik('cart', { routes: [route('Host(`a.test`)')] })];
  const missing = (complete: boolean) =>
    judge(readObjects(sources, { complete })).some(({ code }) => code === 'missing-service');
  expect([missing(false), missing(true)]).toEqual([false, true]);
});

test('what is no object of routes is counted, and no shape makes a reader throw', () => {
  const odd = [
    null,
    1,
    'x',
    [],
    {},
    { kind: 'Ingress' },
    traefik('x', { routes: [null, 1, { match: 5, services: 'x' }] }).object,
  ];
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } };
  const list = { apiVersion: 'v1', kind: 'List', items: [pod, pod] };
  const { ignored } = readObjects([...odd, list, ingress({}, [{}]).object].map((object) => ({ object })));
  expect(ignored).toEqual({ Pod: 2 });
});
