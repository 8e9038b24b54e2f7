import { expect, test } from 'vitest';
import { sharedHost } from '../../../components/readers/gateway.ts';
import { readObjects } from '../../../components/readers/read.ts';

const group = 'gateway.networking.k8s.io/v1';

const gateway = (listeners: readonly object[], namespace = 'infra') => ({
  apiVersion: group,
  kind: 'Gateway',
  metadata: { name: 'edge', namespace },
  spec: {
    listeners: listeners.map((listener, index) => ({ name: `l${index}`, port: 80, protocol: 'HTTP', ...listener })),
  },
});

const anyNamespace = { allowedRoutes: { namespaces: { from: 'All' } } };

const httpRoute = (hostnames: readonly string[], parent: object = {}) => ({
  apiVersion: group,
  kind: 'HTTPRoute',
  metadata: { name: 'cart', namespace: 'shop' },
  spec: {
    parentRefs: [{ name: 'edge', namespace: 'infra', ...parent }],
    hostnames,
    rules: [{ backendRefs: [{ name: 'cart', port: 80 }] }],
  },
});

const read = (...objects: readonly object[]) => readObjects(objects.map((object) => ({ object })));
const hostsOf = (...objects: readonly object[]) =>
  read(...objects).routes.map(({ match: { host } }) =>
    host.kind === 'exact' ? host.name : host.kind === 'wildcard' ? `*.${host.suffix}` : '*',
  );
const codesOf = (...objects: readonly object[]) =>
  read(...objects).notes.map(({ severity, code }) => `${severity} ${code}`);

test.each([
  ['', '', ''],
  ['a.test', '', 'a.test'],
  ['', '*.test', '*.test'],
  ['a.test', '*.test', 'a.test'],
  ['*.test', 'a.b.test', 'a.b.test'],
  ['*.a.test', '*.test', '*.a.test'],
  ['test', '*.test', null],
  ['a.test', 'b.test', null],
  ['xtest', '*.test', null],
])('%j and %j share %j', (one, other, shared) => {
  expect(sharedHost(one, other)).toBe(shared);
  expect(sharedHost(other, one)).toBe(shared);
});

test('a route has the hosts that its listeners leave it, and no other', () => {
  const edge = gateway([{ hostname: '*.shop.test', ...anyNamespace }]);
  expect(hostsOf(edge, httpRoute(['cart.shop.test', 'cart.other.test']))).toEqual(['cart.shop.test']);
  expect(hostsOf(edge, httpRoute([]))).toEqual(['*.shop.test']);
});

test('protocol and certificate are those of the listeners', () => {
  const edge = gateway([
    anyNamespace,
    { protocol: 'HTTPS', port: 443, tls: { certificateRefs: [{ name: 'shop-tls' }] }, ...anyNamespace },
    { protocol: 'TLS', port: 8443, ...anyNamespace },
  ]);
  expect(read(edge, httpRoute(['a.test'])).routes).toMatchObject([
    { schemes: ['http', 'https'], tls: { kind: 'secret', name: 'shop-tls' } },
  ]);
  expect(read(edge, httpRoute(['a.test'], { sectionName: 'l0' })).routes).toMatchObject([
    { schemes: ['http'], tls: { kind: 'off' } },
  ]);
  expect(read(edge, httpRoute(['a.test'], { port: 443 })).routes).toMatchObject([{ schemes: ['https'] }]);
});

test('a route that no listener takes is served by nobody, and that is an error', () => {
  const closed = gateway([{}]);
  expect(hostsOf(closed, httpRoute(['a.test']))).toEqual([]);
  expect(codesOf(closed, httpRoute(['a.test']))).toEqual(['error unattached-route']);
  const elsewhere = gateway([{ hostname: 'b.test', ...anyNamespace }]);
  expect(codesOf(elsewhere, httpRoute(['a.test']))).toEqual(['error unattached-route']);
  const grpcOnly = gateway([{ allowedRoutes: { namespaces: { from: 'All' }, kinds: [{ kind: 'GRPCRoute' }] } }]);
  expect(codesOf(grpcOnly, httpRoute(['a.test']))).toEqual(['error unattached-route']);
});

test('a Gateway of the same namespace takes routes unless it says otherwise; one that goes by labels is told', () => {
  const own = gateway([{}], 'shop');
  expect(hostsOf(own, httpRoute(['a.test'], { namespace: 'shop' }))).toEqual(['a.test']);
  const labelled = gateway([{ allowedRoutes: { namespaces: { from: 'Selector' } } }]);
  expect(codesOf(labelled, httpRoute(['a.test']))).toEqual(['note namespace-selector']);
});

test('without its Gateway a route keeps its hosts, and that they may be fewer is told', () => {
  expect(hostsOf(httpRoute(['a.test']))).toEqual(['a.test']);
  expect(codesOf(httpRoute(['a.test']))).toEqual(['note unread-gateway']);
  const whole = readObjects([{ object: httpRoute(['a.test']) }], { complete: true });
  expect(whole.notes.map(({ code }) => code)).toContain('missing-reference');
});

const traefikService = (name: string, spec: object) => ({
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'TraefikService',
  metadata: { name, namespace: 'shop' },
  spec,
});
const to = (name: string) => ({
  apiVersion: 'traefik.io/v1alpha1',
  kind: 'IngressRoute',
  metadata: { name: 'cart', namespace: 'shop' },
  spec: { routes: [{ kind: 'Rule', match: 'Host(`a.test`)', services: [{ kind: 'TraefikService', name }] }] },
});
const weighted = (...services: readonly object[]) => ({ weighted: { services } });
const backendOf = (...objects: readonly object[]) => read(...objects).routes[0]?.backend;
const routeCodes = (...objects: readonly object[]) =>
  read(...objects).routes.flatMap(({ notes }) => notes.map(({ severity, code }) => `${severity} ${code}`));

test('a TraefikService is told as the Services behind it, each with its share, through every level', () => {
  const canary = traefikService(
    'canary',
    weighted({ name: 'new', port: 80, weight: 1 }, { name: 'newer', port: 80, weight: 1 }),
  );
  const split = traefikService(
    'split',
    weighted({ name: 'old', port: 80, weight: 3 }, { kind: 'TraefikService', name: 'canary', weight: 1 }),
  );
  expect(backendOf(to('split'), split, canary)).toBe('shop/old:80 (75%), shop/new:80 (13%), shop/newer:80 (13%)');
  expect(routeCodes(to('split'), split, canary)).toEqual([]);
});

test('one that is not there, or names no services, is an error: nothing is told of where requests go', () => {
  expect(routeCodes(to('gone'))).toEqual(['error unread-service']);
  const empty = traefikService('empty', {});
  expect(routeCodes(to('empty'), empty)).toEqual(['error unread-service']);
  expect(backendOf(to('empty'), empty)).toBe('TraefikService shop/empty');
});

test('a mirror is told as the service that answers, and its copies in a note', () => {
  const mirror = traefikService('mirror', {
    mirroring: { name: 'cart', port: 80, mirrors: [{ name: 'next', port: 80 }] },
  });
  expect(routeCodes(to('mirror'), mirror)).toEqual(['note mirror']);
  expect(backendOf(to('mirror'), mirror)).toBe('shop/cart:80');
});

test('one that leads to itself ends', () => {
  const loop = traefikService('loop', weighted({ kind: 'TraefikService', name: 'loop', weight: 1 }));
  expect(routeCodes(to('loop'), loop)).toEqual(['error unread-service']);
});
