import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostMatch, RoutePlan } from '../../../components/compile/plan.ts';
import { reportConflicts } from '../../../components/compile/resolve/conflicts.ts';
import { claimTheSame } from '../../../components/model/precedence.ts';
import type { Problem } from '../../../components/model/problem.ts';
import { app, codesOf, open, problemsOf } from './definitions.ts';

const host = 'shop.example.org';
const routed = (name: string, route: object = {}, namespace = 'shop') =>
  app({ name, namespace, routes: [{ hosts: [host], protection: open, ...route }] });

test('one host and path claimed by two apps is a problem that names both', () => {
  const [problem, ...others] = problemsOf([
    routed('cart', { name: 'front', paths: ['/api'] }),
    routed('stock', { name: 'main', paths: ['/api/'] }),
  ]);
  expect(others).toEqual([]);
  expect(problem).toEqual({
    code: 'route-conflict',
    at: { subject: 'app shop/stock', path: 'routes[0]' },
    found:
      'prefix /api on host "shop.example.org" of route shop/stock/main (app shop/stock, routes[0]), claimed by route shop/cart/front (app shop/cart, routes[0]) too',
    expected: 'each request claimed by one route',
    fix: 'Change the host, path, methods or headers of one of the two, or take it away.',
  });
});

test('an exact path and a prefix, other methods, and other header values do not conflict', () => {
  const pairs: readonly (readonly [object, object])[] = [
    [{ paths: [{ exact: '/a' }] }, { paths: [{ prefix: '/a' }] }],
    [{ methods: ['GET'] }, { methods: ['POST'] }],
    [{ methods: ['GET'] }, {}],
    [{ headers: { 'X-Tenant': 'a' } }, { headers: { 'x-tenant': 'b' } }],
    [{ headers: { 'X-Tenant': 'a' } }, {}],
  ];
  for (const [left, right] of pairs) expect(codesOf([routed('a', left), routed('b', right)])).toEqual([]);
});

test('routes that are equally specific and meet in some request conflict', () => {
  const pairs: readonly (readonly [object, object])[] = [
    [{ methods: ['GET', 'HEAD'] }, { methods: ['GET', 'POST'] }],
    [{ headers: { 'X-Tenant': 'a' } }, { headers: { 'x-tenant': 'a' } }],
    [{ headers: { 'X-Tenant': 'a' } }, { headers: { 'X-Beta': '1' } }],
  ];
  for (const [left, right] of pairs)
    expect(codesOf([routed('a', left), routed('b', right)])).toEqual(['route-conflict at app shop/b: routes[0]']);
});

test('a host in two namespaces needs a grant, and with it the routes still may not tie', () => {
  const two = [routed('a', { paths: ['/a'] }), routed('b', { paths: ['/b'] }, 'blog')];
  expect(codesOf(two)).toEqual(['host-shared at app shop/a: routes[0]']);
  expect(codesOf(two, { sharedHosts: { [host]: ['shop', 'blog'] } })).toEqual([]);
  expect(codesOf(two, { sharedHosts: { [host]: ['shop', 'office'] } })).toEqual([
    'host-shared at app shop/a: routes[0]',
  ]);
  const tied = [routed('a'), routed('b', {}, 'blog')];
  expect(codesOf(tied, { sharedHosts: { [host]: ['shop', 'blog'] } })).toEqual([
    'route-conflict at app shop/a: routes[0]',
  ]);
});

test('a host inside another namespace’s wildcard needs a grant for the wildcard', () => {
  const wildcard = routed('all', { hosts: ['*.example.org'] }, 'blog');
  const [problem] = problemsOf([wildcard, routed('one')]);
  expect(problem).toMatchObject({
    code: 'host-in-wildcard',
    at: { subject: 'app shop/one' },
    fix: 'Add sharedHosts: { "*.example.org": ["blog", "shop"] } to the environment, or use another host.',
  });
  expect(codesOf([wildcard, routed('one')], { sharedHosts: { '*.example.org': ['shop', 'blog'] } })).toEqual([]);
  expect(codesOf([wildcard, routed('one', {}, 'blog')])).toEqual([]);
  expect(codesOf([wildcard, routed('one', { hosts: ['a.b.example.org'] })])).toEqual([]);
});

test('the default backend belongs to one namespace', () => {
  const rest = (namespace: string, path: string) => app({ namespace, routes: [{ paths: [path], protection: open }] });
  expect(codesOf([rest('shop', '/a'), rest('blog', '/b')])).toEqual([
    'default-backend-shared at app shop/cart: routes[0]',
  ]);
});

test('hosts stay within the domains of the environment', () => {
  const of = (hosts: readonly string[], domains: readonly string[]) =>
    codesOf([routed('a', { hosts })], { domains: [...domains] });
  const refused = ['domain-not-allowed at app shop/a: routes[0]'];
  expect(of(['example.org', 'a.b.example.org', '*.example.org'], ['example.org'])).toEqual([]);
  expect(of(['badexample.org'], ['example.org'])).toEqual(refused);
  expect(of(['example.org'], ['*.example.org'])).toEqual(refused);
  expect(of(['a.example.org', '*.example.org'], ['*.example.org'])).toEqual([]);
});

const methods = fc.subarray(['GET', 'POST', 'PUT'] as const);
const headers = fc.dictionary(fc.constantFrom('x-a', 'x-b', 'x-c'), fc.constantFrom('1', '2')).map((all) =>
  Object.entries(all)
    .map(([name, value]) => ({ name, value }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
);
const routeMatch = fc.record({
  host: fc.constantFrom(
    ...([
      { kind: 'any' },
      { kind: 'exact', name: 'example.org' },
      { kind: 'wildcard', suffix: 'example.org' },
    ] satisfies HostMatch[]),
  ),
  path: fc.record({
    kind: fc.constantFrom('exact' as const, 'prefix' as const),
    path: fc.constantFrom('/', '/a', '/a/b'),
  }),
  methods: methods.map((all) => all.toSorted()),
  headers,
});

test('the index finds exactly the routes that the definition of a conflict finds', () => {
  fc.assert(
    fc.property(fc.array(routeMatch, { maxLength: 24 }), (matches) => {
      const routes = matches.map(
        (match, index) => ({ id: `r${index}`, match, at: { subject: `r${index}`, path: '' } }) as unknown as RoutePlan,
      );
      const problems: Problem[] = [];
      reportConflicts(routes, problems);
      const reported = new Set(problems.map(({ at }) => at.subject));
      const pairs = routes.flatMap((left, index) =>
        routes
          .slice(index + 1)
          .flatMap((right) => (claimTheSame(left.match, right.match) ? [[left.id, right.id] as const] : [])),
      );
      for (const [left, right] of pairs) expect(reported.has(left) || reported.has(right)).toBe(true);
      for (const id of reported) expect(pairs.some((pair) => pair.includes(id))).toBe(true);
    }),
    { numRuns: 400 },
  );
});
