import { expect, test } from 'vitest';
import { isAllowed, type PolicyPod } from '../../../components/compile/network-policy-evaluator.ts';
import type { KubeObject } from '../../../components/compile/output.ts';

const web: PolicyPod = { namespace: 'shop', labels: { app: 'web' }, ports: { http: 8080 }, address: '10.1.0.5' };
const cart: PolicyPod = { namespace: 'shop', labels: { app: 'cart', tier: 'back' }, address: '10.1.0.6' };
const foreign: PolicyPod = { namespace: 'blog', labels: { app: 'cart' }, namespaceLabels: { team: 'blog' } };
const policy = (spec: unknown, namespace = 'shop'): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace },
  spec,
});
const toWeb = (policies: readonly KubeObject[], from: PolicyPod | { address: string }, port = 8080) =>
  isAllowed(policies, { from, to: web, port, protocol: 'TCP' });
const selectsWeb = { podSelector: { matchLabels: { app: 'web' } } };

test('a pod that no policy selects is open', () => {
  expect(toWeb([], cart)).toBe(true);
  expect(toWeb([policy({ podSelector: { matchLabels: { app: 'cart' } } })], cart)).toBe(true);
  expect(toWeb([policy(selectsWeb, 'blog')], cart)).toBe(true);
});

test('a selected pod without rules is closed, and an empty selector selects every pod', () => {
  expect(toWeb([policy(selectsWeb)], cart)).toBe(false);
  expect(toWeb([policy({ podSelector: {} })], cart)).toBe(false);
});

test('a rule without peers lets everyone in, one without ports every port', () => {
  expect(toWeb([policy({ ...selectsWeb, ingress: [{}] })], { address: '192.0.2.1' })).toBe(true);
  expect(toWeb([policy({ ...selectsWeb, ingress: [{ ports: [{ port: 80 }] }] })], cart)).toBe(false);
});

test('a pod selector alone stays in the policy’s namespace; with a namespace selector both must hold', () => {
  const near = policy({ ...selectsWeb, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'cart' } } }] }] });
  expect(toWeb([near], cart)).toBe(true);
  expect(toWeb([near], foreign)).toBe(false);
  const far = (app: string) =>
    policy({
      ...selectsWeb,
      ingress: [
        { from: [{ namespaceSelector: { matchLabels: { team: 'blog' } }, podSelector: { matchLabels: { app } } }] },
      ],
    });
  expect(toWeb([far('cart')], foreign)).toBe(true);
  expect(toWeb([far('web')], foreign)).toBe(false);
  expect(toWeb([far('cart')], cart)).toBe(false);
});

test('policies add up: one rule of any of them is enough', () => {
  const closed = policy(selectsWeb);
  const opened = policy({ ...selectsWeb, ingress: [{ from: [{ podSelector: {} }] }] });
  expect(toWeb([closed, opened], cart)).toBe(true);
});

test('ports are compared by protocol, number, name and range', () => {
  const withPort = (port: unknown) => policy({ ...selectsWeb, ingress: [{ ports: [port] }] });
  expect(toWeb([withPort({ port: 'http' })], cart)).toBe(true);
  expect(toWeb([withPort({ port: 'metrics' })], cart)).toBe(false);
  expect(toWeb([withPort({ port: 8080, protocol: 'UDP' })], cart)).toBe(false);
  expect(toWeb([withPort({ port: 8000, endPort: 8079 })], cart)).toBe(false);
  expect(toWeb([withPort({ port: 8000, endPort: 8080 })], cart)).toBe(true);
});

test('address blocks leave their exceptions out', () => {
  const block = { cidr: '203.0.113.0/24', except: ['203.0.113.128/25'] };
  const rule = policy({ ...selectsWeb, ingress: [{ from: [{ ipBlock: block }] }] });
  expect(toWeb([rule], { address: '203.0.113.5' })).toBe(true);
  expect(toWeb([rule], { address: '203.0.113.200' })).toBe(false);
  expect(toWeb([rule], { address: '203.0.114.5' })).toBe(false);
});

test('match expressions hold as the API defines them', () => {
  const rule = (expression: unknown) =>
    policy({ ...selectsWeb, ingress: [{ from: [{ podSelector: { matchExpressions: [expression] } }] }] });
  expect(toWeb([rule({ key: 'tier', operator: 'In', values: ['back'] })], cart)).toBe(true);
  expect(toWeb([rule({ key: 'tier', operator: 'NotIn', values: ['back'] })], cart)).toBe(false);
  expect(toWeb([rule({ key: 'none', operator: 'NotIn', values: ['back'] })], cart)).toBe(true);
  expect(toWeb([rule({ key: 'tier', operator: 'Exists' })], cart)).toBe(true);
  expect(toWeb([rule({ key: 'tier', operator: 'DoesNotExist' })], cart)).toBe(false);
});

test('both ends must agree: egress of the sender counts as ingress of the receiver does', () => {
  const noEgress = policy({ podSelector: { matchLabels: { app: 'cart' } }, policyTypes: ['Egress'], egress: [] });
  expect(toWeb([noEgress], cart)).toBe(false);
  const toWebOnly = policy({
    podSelector: { matchLabels: { app: 'cart' } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
  });
  expect(toWeb([toWebOnly], cart)).toBe(true);
  expect(isAllowed([toWebOnly], { from: cart, to: { address: '192.0.2.1' }, port: 443, protocol: 'TCP' })).toBe(false);
});
