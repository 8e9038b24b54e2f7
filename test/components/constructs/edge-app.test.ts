import { App, Chart, Testing } from 'cdk8s';
import { expect, test } from 'vitest';
import { compile } from '../../../components/compile/compile.ts';
import { EdgeApp, type EdgeAppProps } from '../../../components/constructs/edge-app.ts';
import { EdgeEnvironment } from '../../../components/constructs/edge-environment.ts';
import { ForwardAuth } from '../../../components/constructs/forward-auth.ts';
import { RoutingSecret } from '../../../components/constructs/routing-secret.ts';
import { defineApp, defineEnvironment } from '../../../components/model/define.ts';

const environment = defineEnvironment({
  name: 'test',
  kind: 'local',
  edge: 'traefik',
  namespace: 'shop',
  tls: 'off',
  exposure: { loadBalancer: { clientAddress: 'preserved' } },
  today: '2026-11-21',
});

const cart = {
  image: 'registry.example.org/cart:1.4.2',
  ports: { http: 8080 },
  probes: { readiness: { check: { http: { path: '/healthz' } } } },
  routes: [{ hosts: ['shop.example.org'], paths: ['/cart'] }],
  protection: { open: 'a shop window for everyone' },
} satisfies EdgeAppProps;

function newChart(namespace?: string): Chart {
  const place = new EdgeEnvironment(new App(), 'test', environment);
  return new Chart(place, 'shop', namespace === undefined ? {} : { namespace });
}

test('an EdgeApp makes the objects that compile makes', () => {
  const chart = newChart();
  new EdgeApp(chart, 'cart', cart);
  const definitions = [{ input: defineApp({ name: 'cart', ...cart }) }];
  const outcome = compile({ environment, definitions, today: '2026-11-21' });
  expect(outcome.ok && outcome.groups.find(({ name }) => name === 'shop/cart')?.objects).toEqual(Testing.synth(chart));
});

test('the namespace of the chart stands over that of the environment', () => {
  const chart = newChart('other');
  new EdgeApp(chart, 'cart', cart);
  const namespaces = new Set(Testing.synth(chart).map((object) => object.metadata.namespace));
  expect(namespaces).toEqual(new Set(['other']));
});

test('apps of different charts are judged together', () => {
  const place = new EdgeEnvironment(new App(), 'test', environment);
  const chart = new Chart(place, 'first');
  new EdgeApp(chart, 'cart', cart);
  new EdgeApp(new Chart(place, 'second'), 'basket', cart);
  expect(() => Testing.synth(chart)).toThrow(/\[test\/\w+\/\w+\] app shop\/\w+.*\/cart/);
});

test('all problems of all apps come in one error, each at its construct', () => {
  const chart = newChart();
  new EdgeApp(chart, 'cart', { ...cart, image: 'cart:latest', ports: { http: 80_800 } });
  new EdgeApp(chart, 'basket', { ...cart, routes: [{ hosts: ['Shop.example.org'] }] });
  const message = messageOf(() => Testing.synth(chart));
  expect(message.match(/\[test\/shop\/cart\]/g)).toHaveLength(2);
  expect(message.match(/\[test\/shop\/basket\]/g)).toHaveLength(1);
  expect(message).toContain('expected an image with a tag other than latest, or with a digest');
});

test('a problem of the environment stands at the environment', () => {
  const place = new EdgeEnvironment(new App(), 'test', { ...environment, namespace: 'No' });
  const chart = new Chart(place, 'shop');
  expect(messageOf(() => Testing.synth(chart))).toContain('[test] environment test, namespace: found "No"');
});

test('an app outside of any environment is refused where it is written', () => {
  const chart = new Chart(new App(), 'shop');
  expect(() => new EdgeApp(chart, 'cart', cart)).toThrow('shop/cart: found no EdgeEnvironment above it');
});

test('an app that is added after a synth is compiled with the others', () => {
  const chart = newChart();
  new EdgeApp(chart, 'cart', cart);
  const before = Testing.synth(chart).length;
  new EdgeApp(chart, 'basket', { ...cart, routes: [{ hosts: ['basket.example.org'] }] });
  const names = Testing.synth(chart)
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ metadata }) => metadata.name);
  expect(before).toBeGreaterThan(0);
  expect(names).toEqual(['cart', 'basket']);
});

test('a transform changes the objects of its own app alone', () => {
  const chart = newChart();
  new EdgeApp(chart, 'cart', {
    ...cart,
    transform: (objects) => objects.filter(({ kind }) => kind !== 'PodDisruptionBudget'),
  });
  new EdgeApp(chart, 'basket', { ...cart, routes: [{ hosts: ['basket.example.org'] }] });
  const budgets = Testing.synth(chart).filter(({ kind }) => kind === 'PodDisruptionBudget');
  expect(budgets.map(({ metadata }) => metadata.name)).toEqual(['basket']);
});

test('ForwardAuth by an app asks that app by its own namespace', () => {
  const place = new EdgeEnvironment(new App(), 'test', environment);
  const auth = new EdgeApp(new Chart(place, 'auth', { namespace: 'auth' }), 'gate', { ...cart, routes: [] });
  const chart = new Chart(place, 'shop');
  const gate = new ForwardAuth(chart, 'asks', { by: auth, path: '/check', responseHeaders: ['X-User'] });
  new EdgeApp(chart, 'cart', { ...cart, protection: gate.protection });
  const asked = Testing.synth(chart).find(({ spec }) => spec?.forwardAuth !== undefined);
  expect(asked?.spec.forwardAuth).toMatchObject({
    address: expect.stringContaining(encodeURIComponent('http://gate.auth.svc.cluster.local:80/check')),
    authResponseHeaders: ['X-User'],
  });
});

test('RoutingSecret refers to a Secret and never makes one', () => {
  const chart = newChart();
  const secret = new RoutingSecret(chart, 'key', { secret: 'edge', key: 'token' });
  new EdgeApp(chart, 'cart', { ...cart, protection: secret.bearer });
  const kinds = Testing.synth(chart).map(({ kind }) => kind);
  expect(secret.apiKey).toEqual({ apiKey: { secret: 'edge:token' } });
  expect(kinds).not.toContain('Secret');
});

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('nothing was thrown');
}
