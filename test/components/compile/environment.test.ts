import { expect, test } from 'vitest';
import type { Environment } from '../../../components/model/schema/environment.ts';
import { app, codesOf, open, planOf } from './definitions.ts';

const balancer = (fields: object): Partial<Environment> => ({
  exposure: { loadBalancer: { clientAddress: 'preserved', ...fields } },
});
const routed = app({ routes: [{ hosts: ['a.example.org'], protection: open }] });

test('what the environment leaves out is filled in', () => {
  expect(planOf([]).environment).toMatchObject({
    production: false,
    edgeNamespace: 'edgeplane-edge',
    exposure: { kind: 'hostPort', http: 80, https: 443 },
    edgeNodes: { label: { key: 'role', value: 'edge-router' }, count: 2 },
    unknownHost: '404',
    acme: true,
    networkPolicy: true,
    trustedProxies: [],
  });
});

/** Traefik of a release, by a digest. */
const door = (...release: readonly number[]) =>
  `registry.example.org/traefik:v${release.join('.')}@sha256:${'1'.repeat(64)}`;
/** The program beside Traefik, by a registry. */
const images = { 'edgeplane/gatekeeper:0.1.0': 'registry.example.org/edgeplane/gatekeeper:0.1.0' };

test('a cloud names the image of its edge by digest', () => {
  const cloud = { kind: 'cloud', images, ...balancer({}) } as const;
  const wanted = ['edge-image at environment test: edgeImage'];
  expect(codesOf([], cloud)).toEqual(wanted);
  expect(codesOf([], { ...cloud, edgeImage: 'registry.example.org/traefik:v3.7.13' })).toEqual(wanted);
  expect(codesOf([], { ...cloud, edgeImage: door(3, 7, 13) })).toEqual([]);
});

test('an edge older than the release without a known hole is refused outside the embedded cluster', () => {
  const metal = (edgeImage: string) => codesOf([], { kind: 'metal', images, edgeImage });
  const wanted = ['edge-version at environment test: edgeImage'];
  expect(metal(door(3, 7, 12))).toEqual(wanted);
  expect(metal('registry.example.org/traefik:v3.6.25')).toEqual(wanted);
  expect(metal('registry.example.org/traefik:stable')).toEqual(wanted);
  expect(metal('registry.example.org/traefik:v3.7.13')).toEqual([]);
  expect(metal(door(3, 8, 0))).toEqual([]);
  expect(metal(door(4, 0, 0))).toEqual([]);
});

test('outside the embedded cluster no program of ours has a name that a public hub could answer for', () => {
  const metal = { kind: 'metal', edgeImage: door(3, 7, 13) } as const;
  const wanted = ['image-registry at environment test: images'];
  expect(codesOf([], metal)).toEqual(wanted);
  expect(codesOf([], { ...metal, images: { 'edgeplane/gatekeeper:0.1.0': 'team/gatekeeper:1' } })).toEqual(wanted);
  expect(codesOf([], { ...metal, images })).toEqual([]);
  expect(codesOf([], { kind: 'metal', edge: 'pods' })).toEqual(['image-registry at environment test: edgeImage']);
  expect(codesOf([], {})).toEqual([]);
});

test('a digest of zeros is no image', () => {
  const zeros = `@sha256:${'0'.repeat(64)}`;
  const replaced = { 'edgeplane/gatekeeper:0.1.0': `registry.example.org/gatekeeper:1${zeros}` };
  expect(codesOf([], { kind: 'metal', edgeImage: door(3, 7, 13), images: replaced })).toEqual([
    'image at environment test: images["edgeplane/gatekeeper:0.1.0"]',
  ]);
  const edge = codesOf([], { kind: 'metal', images, edgeImage: `registry.example.org/traefik:v3.7.13${zeros}` });
  expect(edge).toEqual([expect.stringContaining('edgeImage')]);
});

test('production is held to two edge nodes and to a certificate of its own', () => {
  const production = { name: 'production', kind: 'cloud', images, edgeImage: door(3, 7, 13), ...balancer({}) } as const;
  expect(codesOf([routed], { ...production, edgeNodes: { count: 1 } })).toEqual([
    'single-edge-node at environment production: edgeNodes.count',
    'no-default-certificate at environment production: defaultCertificate',
  ]);
  expect(codesOf([routed], { ...production, defaultCertificate: 'wildcard' })).toEqual([]);
  expect(codesOf([routed], { ...production, production: false })).toEqual([]);
});

test('a load balancer that is told to send PROXY protocol does not preserve the client’s address', () => {
  const annotations = { 'service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol': 'true' };
  expect(codesOf([], balancer({ annotations }))).toEqual([
    'client-address at environment test: exposure.loadBalancer.clientAddress',
  ]);
  const off = { 'service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol': 'false' };
  expect(codesOf([], balancer({ annotations: off }))).toEqual([]);
});

test('a passthrough load balancer sends no PROXY protocol', () => {
  const annotations = { 'cloud.google.com/l4-rbs': 'enabled' };
  const fields = balancer({ annotations, clientAddress: 'proxyProtocol' });
  expect(codesOf([], { ...fields, trustedProxies: ['10.0.0.0/8'] })).toEqual([
    'client-address at environment test: exposure.loadBalancer.clientAddress',
  ]);
});

test('PROXY protocol is believed only from named senders', () => {
  const fields = balancer({ clientAddress: 'proxyProtocol' });
  expect(codesOf([], fields)).toEqual(['proxy-protocol-sender at environment test: trustedProxies']);
  expect(codesOf([], { ...fields, trustedProxies: ['10.0.0.0/8'] })).toEqual([]);
});

test('the address of a load balancer is an address', () => {
  expect(codesOf([], balancer({ address: 'edge-ip' }))).toEqual([
    'load-balancer-address at environment test: exposure.loadBalancer.address',
  ]);
  expect(codesOf([], balancer({ address: '203.0.113.9' }))).toEqual([]);
  expect(codesOf([], balancer({ address: '2001:db8::9' }))).toEqual([]);
});

test('an image is replaced by a whole reference', () => {
  expect(codesOf([], { images: { 'a:1': 'b' } })).toEqual(['image at environment test: images["a:1"]']);
});

test('plain HTTP is redirected where a host has TLS, but challenges of certificate solvers are not', () => {
  const redirects = (route: object, tls: 'off' | 'default') =>
    planOf([app({ routes: [{ hosts: ['a.example.org'], protection: open, ...route }] })], { tls }).routes[0]
      ?.httpsRedirect;
  expect(redirects({}, 'default')).toBe(true);
  expect(redirects({}, 'off')).toBe(false);
  expect(redirects({ httpsRedirect: false }, 'default')).toBe(false);
  expect(redirects({ paths: ['/.well-known/acme-challenge'] }, 'default')).toBe(false);
  expect(planOf([app({ routes: [{ protection: open }] })], { tls: 'default' }).routes[0]?.httpsRedirect).toBe(false);
});

test('a route asks for https only where the environment gives it TLS', () => {
  const route = { hosts: ['a.example.org'], protection: open, hsts: { maxAge: '30d' } };
  expect(codesOf([app({ routes: [route] })], { tls: 'off' })).toEqual(['no-tls at app shop/cart: routes[0].hsts']);
  expect(codesOf([app({ routes: [route] })], { tls: 'default' })).toEqual([]);
});

test('a certificate of an issuer is one for each app and host, and needs a host', () => {
  const tls = { issuer: 'letsencrypt' };
  const { routes } = planOf(
    [app({ routes: [{ hosts: ['a.example.org', 'b.example.org'], paths: ['/x', '/y'], protection: open }] })],
    { tls },
  );
  expect(new Set(routes.map((route) => (route.tls.kind === 'issuer' ? route.tls.secretName : ''))).size).toBe(2);
  expect(codesOf([app({ routes: [{ protection: open }] })], { tls })).toEqual([
    'certificate-without-host at app shop/cart: routes[0].tls',
  ]);
});
