import { type Case, changed } from './case.ts';
import { edge } from './edge.ts';
import { pod } from './pod-security.ts';

const image = ['spec', 'containers', 0, 'image'] as const;
const env = ['spec', 'containers', 0, 'env'] as const;

const policy = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'cart', namespace: 'shop' },
  spec: {
    podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['cart', 'offers'] }] },
    policyTypes: ['Ingress'],
  } as Record<string, unknown>,
};

const traefik = ['spec', 'template', 'spec', 'containers', 0, 'image'] as const;

const external = {
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name: 'routing', namespace: 'shop' },
  spec: {},
};

export const objectCases: readonly Case[] = [
  { rule: 'image-pinned', pass: [pod], fail: [changed(pod, image, 'registry.example.org:5000/cart')], found: ':5000/' },
  {
    rule: 'image-pinned',
    stack: 'production',
    pass: [changed(pod, ['spec', 'initContainers'], []), changed(edge, ['metadata', 'name'], 'x')].slice(1),
    fail: [pod],
    found: '"registry.example.org/shop/cart:1.4.2"',
  },
  {
    rule: 'network-policy-present',
    pass: [policy, pod],
    fail: [changed(policy, ['metadata', 'namespace'], 'other'), pod],
    found: 'labels that no policy selects',
  },
  {
    rule: 'network-policy-present',
    pass: [changed(policy, ['spec', 'podSelector'], {}), pod],
    fail: [changed(policy, ['spec', 'policyTypes'], ['Egress']), pod],
    found: 'labels that no policy selects',
  },
  {
    rule: 'secret-in-env',
    pass: [
      changed(pod, env, [
        { name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
        { name: 'TOKEN_FILE', value: '/secrets/token' },
        { name: 'UPSTREAM', value: 'http://$(USER):$(PASSWORD)@db.shop' },
      ]),
    ],
    fail: [changed(pod, env, [{ name: 'DB_PASSWORD', value: 'hunter2' }])],
    found: 'a value in "DB_PASSWORD"',
  },
  {
    rule: 'secret-in-env',
    pass: [changed(pod, ['spec', 'containers', 0, 'args'], ['--dsn=postgres://db.shop/cart'])],
    fail: [changed(pod, ['spec', 'containers', 0, 'args'], ['--dsn=postgres://cart:hunter2@db.shop/cart'])],
    found: 'a URL with a password',
  },
  {
    rule: 'secret-in-object',
    pass: [external],
    fail: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'routing' }, stringData: { 'api-key': 'x' } }],
    found: 'values of api-key',
  },
  {
    rule: 'secret-in-object',
    pass: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cart' }, data: { 'cart.conf': 'port 80' } }],
    fail: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'cart' },
        data: { 'key.pem': '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n' },
      },
    ],
    found: 'a private key',
  },
  {
    rule: 'version-floor',
    pass: [edge],
    fail: [changed(edge, traefik, 'docker.io/library/traefik:v3.6.15')],
    found: 'traefik:v3.6.15',
  },
  {
    rule: 'version-floor',
    pass: [changed(pod, image, 'nginx:1.30.4'), changed(pod, image, 'registry/nginx:1.32.0-alpine')],
    fail: [changed(pod, image, `nginx@sha256:${'a'.repeat(64)}`)],
    found: '"nginx@sha256:',
  },
];
