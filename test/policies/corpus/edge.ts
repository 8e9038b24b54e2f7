import { type Case, changed, type Written } from './case.ts';
import { cluster, edgePool } from './cis-gke.ts';
import { pod } from './pod-security.ts';

const labels = { 'app.kubernetes.io/name': 'edge', 'edgeplane.dev/component': 'edge' };

/** An edge as the compiler makes it. */
export const edge = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: {
    name: 'edge',
    namespace: 'edge',
    annotations: { 'edgeplane.dev/edge-nodes': '2', 'edgeplane.dev/environment': 'production' },
  },
  spec: {
    selector: { matchLabels: { 'app.kubernetes.io/name': 'edge' } },
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels },
      spec: {
        nodeSelector: { role: 'edge-router' },
        tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'edge-router', effect: 'NoSchedule' }],
        containers: [
          {
            name: 'traefik',
            image: `registry.example.org/traefik:v3.7.13@sha256:${'a'.repeat(64)}`,
            ports: [{ name: 'web', containerPort: 8000 } as Record<string, unknown>],
            readinessProbe: { httpGet: { path: '/ping', port: 8080 } },
          },
        ],
      },
    },
  },
};

const balancer = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'edge', namespace: 'edge' },
  spec: {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    selector: { 'app.kubernetes.io/name': 'edge' },
    ports: [{ port: 80, targetPort: 'web' }],
  },
};

/** A Traefik route over TLS with basic auth, its middleware beside it. */
function route(name: string, namespace: string, host: string, middlewares: readonly string[] = ['users']): Written {
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'IngressRoute',
    metadata: { name, namespace, annotations: {} },
    spec: {
      entryPoints: ['websecure'],
      routes: [
        {
          kind: 'Rule',
          match: `Host("${host}") && PathPrefix("/cart/")`,
          middlewares: middlewares.map((each) => ({ name: each })),
          services: [{ name: 'cart', port: 80 }],
        },
      ],
      tls: {},
    },
  };
}

function users(namespace: string): Written {
  return {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    metadata: { name: 'users', namespace },
    spec: { basicAuth: { secret: 'users' } },
  };
}

const cart = route('cart', 'shop', 'shop.example.org');
const offers = route('offers', 'offers', 'shop.example.org');
const shared = (written: Written, to: string) =>
  changed(written, ['metadata', 'annotations', 'edgeplane.dev/shared-hosts'], `shop.example.org=${to}`);
const elsewhere = changed(offers, ['spec', 'routes', 0, 'match'], 'Host("shop.example.org") && Path("/offers")');

const httpRoute = (hostname: string, name: string) => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name, namespace: 'shop' },
  spec: {
    parentRefs: [{ name: 'edge' }],
    hostnames: [hostname],
    rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [{ name, port: 80 }] }],
  },
});

const firewall = {
  resource: 'gcp:compute/firewall:Firewall',
  name: 'edge',
  inputs: { sourceRanges: ['0.0.0.0/0'], targetTags: ['edge-router'], allows: [{ protocol: 'tcp', ports: ['443'] }] },
};
const appPool = changed(
  changed(edgePool, ['inputs', 'nodeConfig', 'labels'], {}),
  ['inputs', 'nodeConfig', 'taints'],
  [],
);

const tolerant = changed(pod, ['spec', 'tolerations'], [{ operator: 'Exists' }]);

export const edgeCases: readonly Case[] = [
  {
    rule: 'edge-layers-agree',
    pass: [cluster, edgePool, edge],
    fail: [edgePool, changed(edge, ['spec', 'template', 'spec', 'nodeSelector', 'role'], 'edge')],
    found: 'a label that no pool of edge nodes has',
  },
  {
    rule: 'edge-layers-agree',
    pass: [edge],
    fail: [edgePool, changed(edge, ['spec', 'template', 'spec', 'tolerations'], [])],
    found: 'a taint of the edge nodes that is not tolerated',
  },
  {
    rule: 'edge-node-pool-contract',
    pass: [edgePool],
    fail: [changed(edgePool, ['inputs', 'nodeConfig', 'taints', 0, 'effect'], 'PREFER_NO_SCHEDULE')],
    found: 'PREFER_NO_SCHEDULE',
  },
  {
    rule: 'edge-node-pool-contract',
    pass: [edgePool],
    fail: [changed(edgePool, ['inputs', 'upgradeSettings', 'maxUnavailable'], 1)],
    found: 'maxSurge 1 and maxUnavailable 1',
  },
  { rule: 'edge-nodes-reserved', pass: [edge, pod], fail: [edge, tolerant], found: 'a toleration for dedicated=' },
  {
    rule: 'edge-nodes-reserved',
    pass: [edge, changed(pod, ['spec', 'nodeSelector'], { role: 'apps' })],
    fail: [changed(pod, ['spec', 'nodeSelector'], { role: 'edge-router' })],
    found: 'role=edge-router',
  },
  {
    rule: 'edge-service-contract',
    pass: [edge, balancer],
    fail: [edge, changed(balancer, ['spec', 'externalTrafficPolicy'], 'Cluster')],
    found: 'Cluster',
  },
  {
    rule: 'edge-service-contract',
    pass: [edge, changed(balancer, ['spec', 'ports', 0, 'targetPort'], 8000)],
    fail: [edge, changed(balancer, ['spec', 'ports', 0, 'targetPort'], 'http')],
    found: 'http',
  },
  {
    rule: 'edge-workload-contract',
    pass: [edge],
    fail: [changed(edge, ['spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable'], 1)],
    found: 'maxSurge 1 and maxUnavailable 1',
  },
  {
    rule: 'edge-workload-contract',
    pass: [edge],
    fail: [changed(edge, ['spec', 'template', 'spec', 'containers', 0, 'ports', 0, 'hostPort'], 80)],
    found: 'maxSurge 1 and maxUnavailable 0',
  },
  {
    rule: 'edge-workload-contract',
    pass: [edge],
    fail: [changed(edge, ['spec', 'template', 'spec', 'containers', 0, 'readinessProbe'], undefined)],
    found: 'no readinessProbe',
  },
  {
    rule: 'firewall-to-edge',
    pass: [edgePool, firewall],
    fail: [changed(firewall, ['inputs', 'targetTags'], undefined)],
    found: 'nothing, and so every node',
  },
  {
    rule: 'firewall-to-edge',
    pass: [edgePool, appPool, changed(firewall, ['inputs', 'sourceRanges'], ['10.0.0.0/8'])],
    fail: [edgePool, appPool, firewall],
    found: '"edge-router", which is not a tag of edge nodes alone',
  },
  { rule: 'one-owner', pass: [cart], fail: [cart, route('cart', 'rival', 'shop.example.org')], found: 'the same host' },
  {
    rule: 'one-owner',
    pass: [shared(cart, 'offers,shop'), shared(elsewhere, 'offers,shop')],
    fail: [shared(cart, 'shop,blog'), shared(elsewhere, 'offers,shop')],
    found: 'host "shop.example.org", which namespace shop has too',
  },
  {
    rule: 'one-owner',
    pass: [httpRoute('a.example.org', 'a'), httpRoute('b.example.org', 'b')],
    fail: [httpRoute('a.example.org', 'a'), httpRoute('a.example.org', 'b')],
    found: 'the same host and match as HTTPRoute shop/a',
  },
  {
    rule: 'open-route-reason',
    pass: [users('shop'), cart],
    fail: [route('cart', 'shop', 'shop.example.org', [])],
    found: 'a route that asks nobody',
  },
  {
    rule: 'open-route-reason',
    pass: [
      changed(
        route('cart', 'shop', 'shop.example.org', []),
        ['metadata', 'annotations', 'edgeplane.dev/open-reason'],
        'a shop window',
      ),
    ],
    fail: [
      changed(
        route('cart', 'shop', 'shop.example.org', []),
        ['metadata', 'annotations', 'edgeplane.dev/open-reason'],
        '  ',
      ),
    ],
    found: 'a route that asks nobody',
  },
  {
    rule: 'tls-outside-local',
    pass: [users('shop'), cart],
    fail: [changed(changed(cart, ['spec', 'tls'], undefined), ['spec', 'entryPoints'], ['web'])],
    found: 'a route that answers over plain HTTP',
  },
  {
    rule: 'two-edge-nodes',
    stack: 'production',
    pass: [edge, edgePool],
    fail: [changed(edge, ['metadata', 'annotations', 'edgeplane.dev/edge-nodes'], '1')],
    found: '1',
  },
  {
    rule: 'two-edge-nodes',
    stack: 'production',
    pass: [changed(edgePool, ['inputs', 'autoscaling'], { minNodeCount: 1, maxNodeCount: 3 })],
    fail: [changed(edgePool, ['inputs', 'nodeLocations'], ['europe-west1-b'])],
    found: '1',
  },
];
