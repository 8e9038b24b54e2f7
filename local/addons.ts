import type { KubeObject } from './kube.ts';
import type { Topology } from './topology.ts';

/** An object of the cluster's own and the path it is applied to. */
export interface Addon {
  readonly path: string;
  readonly object: KubeObject;
}

const rbac = 'rbac.authorization.k8s.io';

/** A cluster-wide role given to a user or a service account. */
function binding(name: string, role: string, subject: Readonly<Record<string, string>>): Addon {
  return {
    path: `/apis/${rbac}/v1/clusterrolebindings/${name}`,
    object: {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
      subjects: [subject],
    },
  };
}

function role(name: string, rules: readonly object[]): Addon {
  return {
    path: `/apis/${rbac}/v1/clusterroles/${name}`,
    object: { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name }, rules },
  };
}

/** What the API server may do on kubelets, and the load balancer on Services: no more than they use. */
const access: readonly Addon[] = [
  binding('edgeplane:kubelet-client', 'system:kubelet-api-admin', { kind: 'User', name: 'edgeplane:kubelet-client' }),
  role('edgeplane:load-balancer', [
    { apiGroups: [''], resources: ['services', 'nodes'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['services/status'], verbs: ['patch', 'update'] },
    { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
  ]),
  binding('edgeplane:load-balancer', 'edgeplane:load-balancer', { kind: 'User', name: 'edgeplane:load-balancer' }),
  role('edgeplane:coredns', [
    { apiGroups: [''], resources: ['services', 'namespaces'], verbs: ['list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ]),
  binding('edgeplane:coredns', 'edgeplane:coredns', {
    kind: 'ServiceAccount',
    name: 'coredns',
    namespace: 'kube-system',
  }),
];

/** Names of the cluster and nothing else: nodes need no way out, so there is nobody to forward a question to. */
const corefile = `.:5353 {
  errors
  health :8080
  ready :8181
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    pods insecure
    ttl 5
  }
  cache 5
  loadbalance
}
`;

const dnsPorts = (port: number) =>
  (['UDP', 'TCP'] as const).map((protocol) => ({ name: `dns-${protocol.toLowerCase()}`, port, protocol }));

const dnsContainer = (image: string) => ({
  name: 'coredns',
  image,
  imagePullPolicy: 'IfNotPresent',
  args: ['-conf', '/etc/coredns/Corefile'],
  ports: dnsPorts(5353).map(({ name, port, protocol }) => ({ name, containerPort: port, protocol })),
  resources: { requests: { cpu: '20m', memory: '40Mi' }, limits: { memory: '170Mi' } },
  readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 2 },
  livenessProbe: { httpGet: { path: '/health', port: 8080 }, periodSeconds: 10, failureThreshold: 5 },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
  volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
});

function dnsPod(image: string): object {
  return {
    serviceAccountName: 'coredns',
    priorityClassName: 'system-cluster-critical',
    dnsPolicy: 'Default',
    terminationGracePeriodSeconds: 5,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [dnsContainer(image)],
    volumes: [{ name: 'config', configMap: { name: 'coredns' } }],
  };
}

/** The cluster's name server: it passes Pod Security `restricted`, so it listens on 5353 behind the Service's 53. */
export function dnsAddons(topology: Topology, image: string): readonly Addon[] {
  const namespace = 'kube-system';
  const labels = { 'k8s-app': 'kube-dns' };
  const core = (kind: string, plural: string, name: string, rest: object): Addon => ({
    path: `/api/v1/namespaces/${namespace}/${plural}/${name}`,
    object: { apiVersion: 'v1', kind, metadata: { name, namespace, labels }, ...rest },
  });
  const ports = dnsPorts(53).map((port) => ({ ...port, targetPort: port.name }));
  return [
    core('ServiceAccount', 'serviceaccounts', 'coredns', {}),
    core('ConfigMap', 'configmaps', 'coredns', { data: { Corefile: corefile } }),
    core('Service', 'services', 'kube-dns', { spec: { clusterIP: topology.dnsAddress, selector: labels, ports } }),
    {
      path: `/apis/apps/v1/namespaces/${namespace}/deployments/coredns`,
      object: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'coredns', namespace, labels },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: dnsPod(image) },
        },
      },
    },
  ];
}

/** Everything that `up` applies to a cluster of its own. */
export function addons(topology: Topology, dnsImage: string): readonly Addon[] {
  return [...access, ...dnsAddons(topology, dnsImage)];
}
