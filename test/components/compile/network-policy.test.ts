import { expect, test } from 'vitest';
import { objectGroups } from '../../../components/compile/groups.ts';
import { appNameLabel, edgePodLabels } from '../../../components/compile/metadata.ts';
import { isAllowed, type PolicyEnd } from '../../../components/compile/network-policy-evaluator.ts';
import type { KubeObject } from '../../../components/compile/output.ts';
import type { Plan } from '../../../components/compile/plan.ts';
import { app, compiled, objectsOf, open } from './definitions.ts';

const pod = (namespace: string, name: string) => ({ namespace, labels: { [appNameLabel]: name } });
const edge = { namespace: 'edgeplane-edge', labels: { ...edgePodLabels, [appNameLabel]: 'traefik' } };
const outside = { address: '203.0.113.9' };
const passes = (policies: readonly KubeObject[], from: PolicyEnd, to: PolicyEnd, port: number) =>
  isAllowed(policies, { from, to, port, protocol: 'TCP' });

test('a routed app takes requests from the edge on its routed port, and from nobody else', () => {
  const objects = objectsOf([
    app({ ports: { http: 8080, admin: 9090 }, routes: [{ hosts: ['a.example.org'], to: 'http', protection: open }] }),
    app({ name: 'other' }),
  ]);
  const cart = pod('shop', 'cart');
  expect(passes(objects, edge, cart, 8080)).toBe(true);
  expect(passes(objects, edge, cart, 9090)).toBe(false);
  expect(passes(objects, pod('shop', 'other'), cart, 8080)).toBe(false);
  expect(passes(objects, { ...edge, namespace: 'shop' }, cart, 8080)).toBe(false);
  expect(passes(objects, pod('edgeplane-edge', 'traefik'), cart, 8080)).toBe(false);
  expect(passes(objects, outside, cart, 8080)).toBe(false);
});

test('an app without routes takes requests from nobody', () => {
  const objects = objectsOf([app()]);
  expect(passes(objects, edge, pod('shop', 'cart'), 8080)).toBe(false);
});

test('an app that answers forward auth in another namespace is reached by the edge', () => {
  const objects = objectsOf([
    app({ name: 'auth', namespace: 'identity', ports: { http: 4180, metrics: 9100 } }),
    app({
      routes: [
        { hosts: ['a.example.org'], protection: { forwardAuth: { app: 'auth', namespace: 'identity', port: 'http' } } },
      ],
    }),
  ]);
  expect(passes(objects, edge, pod('identity', 'auth'), 4180)).toBe(true);
  expect(passes(objects, edge, pod('identity', 'auth'), 9100)).toBe(false);
  expect(passes(objects, pod('shop', 'cart'), pod('identity', 'auth'), 4180)).toBe(false);
});

test('a weighted target of another app’s route is reached by the edge', () => {
  const objects = objectsOf([
    app({ name: 'canary', ports: { http: 8081 } }),
    app({
      routes: [{ hosts: ['a.example.org'], protection: open, to: [{ weight: 9 }, { app: 'canary', weight: 1 }] }],
    }),
  ]);
  expect(passes(objects, edge, pod('shop', 'canary'), 8081)).toBe(true);
});

test('declared callers of any namespace reach every port, their neighbours none', () => {
  const objects = objectsOf([
    app({ callers: ['web', { app: 'report', namespace: 'office' }] }),
    app({ name: 'web' }),
    app({ name: 'report' }),
    app({ name: 'report', namespace: 'office' }),
  ]);
  const cart = pod('shop', 'cart');
  expect(passes(objects, pod('shop', 'web'), cart, 8080)).toBe(true);
  expect(passes(objects, pod('office', 'report'), cart, 8080)).toBe(true);
  expect(passes(objects, pod('shop', 'report'), cart, 8080)).toBe(false);
});

test('an app whose calls are declared calls those and DNS, and nothing else', () => {
  const objects = objectsOf([
    app({ calls: ['stock', { cidr: '10.20.0.0/16', port: 5432 }] }),
    app({ name: 'stock', ports: { http: 8090 }, callers: ['cart'] }),
    app({ name: 'mail', callers: 'any' }),
  ]);
  const cart = pod('shop', 'cart');
  const dns = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
  expect(passes(objects, cart, pod('shop', 'stock'), 8090)).toBe(true);
  expect(passes(objects, cart, pod('shop', 'mail'), 8080)).toBe(false);
  expect(passes(objects, cart, { address: '10.20.3.4' }, 5432)).toBe(true);
  expect(passes(objects, cart, { address: '10.21.3.4' }, 5432)).toBe(false);
  expect(isAllowed(objects, { from: cart, to: dns, port: 53, protocol: 'UDP' })).toBe(true);
  expect(passes(objects, cart, outside, 443)).toBe(false);
});

test('a LoadBalancer Service is reached from its source ranges', () => {
  const objects = objectsOf([app({ service: { type: 'LoadBalancer', sourceRanges: ['198.51.100.0/24'] } })]);
  expect(passes(objects, { address: '198.51.100.7' }, pod('shop', 'cart'), 8080)).toBe(true);
  expect(passes(objects, outside, pod('shop', 'cart'), 8080)).toBe(false);
});

test('a gatekeeper is asked by the edge only and calls nobody', () => {
  const objects = objectsOf([app({ routes: [{ hosts: ['a.example.org'], protection: { apiKey: {} } }] })]);
  const gatekeeper = pod('shop', 'edgeplane-gatekeeper');
  expect(passes(objects, edge, gatekeeper, 8080)).toBe(true);
  expect(passes(objects, edge, gatekeeper, 8081)).toBe(false);
  expect(passes(objects, pod('shop', 'cart'), gatekeeper, 8080)).toBe(false);
  expect(passes(objects, gatekeeper, pod('shop', 'cart'), 8080)).toBe(false);
});

test('an edge that someone else installed is let in by its namespace', () => {
  const { plan } = compiled([app({ routes: [{ hosts: ['a.example.org'], protection: open }] })]);
  const existingEdge = { version: '3.7.13', args: [], namespace: 'ingress', ingressClass: null };
  const own: Plan = { ...plan, environment: { ...plan.environment, existingEdge } };
  const nothing = { apps: new Map(), platform: [], crds: [], losses: [] };
  const objects = objectGroups(own, nothing).flatMap((group) => group.objects);
  expect(passes(objects, pod('ingress', 'traefik'), pod('shop', 'cart'), 8080)).toBe(true);
  expect(passes(objects, edge, pod('shop', 'cart'), 8080)).toBe(false);
});

test('an environment may leave network policies out', () => {
  const objects = objectsOf([app()], { networkPolicy: false });
  expect(passes(objects, outside, pod('shop', 'cart'), 8080)).toBe(true);
});
