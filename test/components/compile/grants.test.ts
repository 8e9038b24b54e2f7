import { expect, test } from 'vitest';
import { hostGrantsObject } from '../../../components/compile/grants.ts';
import type { HostMatch } from '../../../components/compile/plan.ts';
import { environmentPlan, routePlan } from './edges/plans.ts';

const route = (namespace: string, host: HostMatch) =>
  routePlan({ namespace, match: { host, path: { kind: 'prefix', path: '/' }, methods: [], headers: [] } });
const named = (name: string): HostMatch => ({ kind: 'exact', name });

test('a host is given to the namespaces whose definitions route it, and to those it is shared with', () => {
  const routes = [
    route('shop', named('shop.test')),
    route('shop', named('shop.test')),
    route('apps', { kind: 'wildcard', suffix: 'apps.test' }),
    route('web', { kind: 'any' }),
  ];
  const environment = environmentPlan({
    sharedHosts: [
      { host: 'shop.test', namespaces: ['blog', 'shop'] },
      { host: 'preview.test', namespaces: ['preview'] },
    ],
  });
  const object = hostGrantsObject({ environment, apps: [], routes });
  expect(object).toMatchObject({
    kind: 'ConfigMap',
    metadata: { namespace: 'edgeplane-edge', name: 'edgeplane-edge-grants' },
    data: { _other: '', apps: '*.apps.test', blog: 'shop.test', preview: 'preview.test', shop: 'shop.test', web: '*' },
  });
});

test('the order of routes does not show', () => {
  const routes = ['b', 'a', 'c'].map((name) => route(name, named(`${name}.test`)));
  const written = (list: typeof routes) =>
    JSON.stringify(hostGrantsObject({ environment: environmentPlan(), apps: [], routes: list }));
  expect(written(routes.toReversed())).toBe(written(routes));
});

test('hosts that nothing names are nobody’s, some namespaces’ or anybody’s', () => {
  const other = (otherHosts: 'anybody' | readonly string[]) =>
    hostGrantsObject({ environment: environmentPlan({ otherHosts }), apps: [], routes: [] }).data;
  expect([other([]), other(['b', 'a']), other('anybody')]).toEqual([
    { _other: '' },
    { _other: 'a b' },
    { _other: '*' },
  ]);
});

test('each edge has its own, beside its pods', () => {
  const place = (changes: Parameters<typeof environmentPlan>[0]) => {
    const { namespace, name } = hostGrantsObject({
      environment: environmentPlan(changes),
      apps: [],
      routes: [],
    }).metadata;
    return `${namespace}/${name}`;
  };
  expect(place({ edge: 'catalog', edgeNamespace: 'edgeplane-internal' })).toBe(
    'edgeplane-internal/edgeplane-internal-grants',
  );
  const nginx = { servedBy: 'ingress-nginx', namespace: 'ingress-nginx', ingressClass: 'nginx' } as const;
  expect(place({ edge: 'nginx', nginx })).toBe('ingress-nginx/edgeplane-edge-grants');
});
