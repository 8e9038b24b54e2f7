import { join } from 'node:path';
import { type Cluster, type ClusterPaths, inside } from './cluster.ts';
import { writeIfChanged } from './files.ts';
import { certificateTexts, kubeconfig } from './pki.ts';
import type { Daemon } from './process.ts';
import type { Tools } from './tools.ts';
import type { Topology } from './topology.ts';

const flags = (values: Readonly<Record<string, string>>) => Object.entries(values).map(([k, v]) => `--${k}=${v}`);

/** etcd answers only inside the control plane's own network, and only to the API server's certificate. */
export function etcdDaemon(topology: Topology, paths: ClusterPaths): Daemon {
  const pki = (name: string) => join(paths.pki, name);
  return {
    name: 'etcd',
    inputs: certificateTexts(paths, ['etcd-ca', 'etcd']),
    command: [
      ...inside(topology.controlPlane),
      '/usr/bin/etcd',
      ...flags({
        name: 'control',
        'data-dir': join(paths.state, 'etcd'),
        'listen-client-urls': 'https://127.0.0.1:2379',
        'advertise-client-urls': 'https://127.0.0.1:2379',
        'listen-peer-urls': 'http://127.0.0.1:2380',
        'initial-advertise-peer-urls': 'http://127.0.0.1:2380',
        'initial-cluster': 'control=http://127.0.0.1:2380',
        'client-cert-auth': 'true',
        'trusted-ca-file': pki('etcd-ca.crt'),
        'cert-file': pki('etcd.crt'),
        'key-file': pki('etcd.key'),
        'auto-compaction-retention': '1h',
        'quota-backend-bytes': `${1 << 30}`,
        'log-level': 'warn',
        logger: 'zap',
      }),
    ],
  };
}

/** How extension API servers recognise this one. Without it the controllers complain for ever. */
const aggregation = (pki: (name: string) => string) => ({
  'requestheader-client-ca-file': pki('front-proxy-ca.crt'),
  'requestheader-allowed-names': 'front-proxy-client',
  'requestheader-username-headers': 'X-Remote-User',
  'requestheader-group-headers': 'X-Remote-Group',
  'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
  'proxy-client-cert-file': pki('front-proxy-client.crt'),
  'proxy-client-key-file': pki('front-proxy-client.key'),
});

/** The API server: nobody anonymous, Node authorizer and RBAC, Secrets encrypted at rest. */
export function apiServerDaemon(topology: Topology, paths: ClusterPaths, binary: string): Daemon {
  const pki = (name: string) => join(paths.pki, name);
  const { controlPlane } = topology;
  return {
    name: 'kube-apiserver',
    inputs: certificateTexts(paths, [
      ...['ca', 'kube-apiserver', 'etcd-ca', 'etcd-client', 'kubelet-client'],
      ...['front-proxy-ca', 'front-proxy-client'],
    ]),
    command: [
      ...inside(controlPlane),
      binary,
      ...flags({
        'advertise-address': controlPlane.address,
        'secure-port': `${controlPlane.apiPort}`,
        'service-cluster-ip-range': topology.serviceCidr,
        'anonymous-auth': 'false',
        'authorization-mode': 'Node,RBAC',
        'enable-admission-plugins': 'NodeRestriction',
        'client-ca-file': pki('ca.crt'),
        'tls-cert-file': pki('kube-apiserver.crt'),
        'tls-private-key-file': pki('kube-apiserver.key'),
        'etcd-servers': 'https://127.0.0.1:2379',
        'etcd-cafile': pki('etcd-ca.crt'),
        'etcd-certfile': pki('etcd-client.crt'),
        'etcd-keyfile': pki('etcd-client.key'),
        'encryption-provider-config': pki('encryption.json'),
        'kubelet-certificate-authority': pki('ca.crt'),
        'kubelet-client-certificate': pki('kubelet-client.crt'),
        'kubelet-client-key': pki('kubelet-client.key'),
        'kubelet-preferred-address-types': 'InternalIP', // Node names resolve nowhere.
        ...aggregation(pki),
        'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
        'service-account-key-file': pki('service-account.key'),
        'service-account-signing-key-file': pki('service-account.key'),
        // No kube-proxy runs beside it: webhooks behind Services are reached by their endpoints.
        'enable-aggregator-routing': 'true',
        'shutdown-delay-duration': '0s',
        profiling: 'false',
      }),
    ],
  };
}

/** The defaults hold a controller back for seconds at its start, to spare a server that many share. */
const patientApiServer = { 'kube-api-qps': '300', 'kube-api-burst': '600' };

/** What the controller manager and the scheduler are both told: one of each, heard on the node itself alone. */
const sharedFlags = (config: string) => ({
  kubeconfig: config,
  'authentication-kubeconfig': config,
  'authorization-kubeconfig': config,
  'bind-address': '127.0.0.1',
  'leader-elect': 'false',
  ...patientApiServer,
  profiling: 'false',
});

function controllerManager(topology: Topology, paths: ClusterPaths, binary: string): Daemon {
  const pki = (name: string) => join(paths.pki, name);
  const config = join(paths.pki, 'kube-controller-manager.kubeconfig');
  return {
    name: 'kube-controller-manager',
    inputs: certificateTexts(paths, ['ca', 'kube-controller-manager']),
    command: [
      ...inside(topology.controlPlane),
      binary,
      ...flags({
        ...sharedFlags(config),
        'use-service-account-credentials': 'true',
        'service-account-private-key-file': pki('service-account.key'),
        'root-ca-file': pki('ca.crt'),
        'cluster-signing-cert-file': pki('ca.crt'),
        'cluster-signing-key-file': pki('ca.key'),
        // A killed node is noticed while somebody watches, not after the 40 s and 5 min of a large cluster.
        'node-monitor-grace-period': '20s',
      }),
    ],
  };
}

function scheduler(topology: Topology, paths: ClusterPaths, binary: string): Daemon {
  const config = join(paths.pki, 'kube-scheduler.kubeconfig');
  return {
    name: 'kube-scheduler',
    inputs: certificateTexts(paths, ['ca', 'kube-scheduler']),
    command: [
      ...inside(topology.controlPlane),
      binary,
      ...flags({
        ...sharedFlags(config),
      }),
    ],
  };
}

/** Controller manager and scheduler: started once the API server answers, since they give up without it. */
export function controllerDaemons(
  topology: Topology,
  paths: ClusterPaths,
  tools: Pick<Tools, 'kube-controller-manager' | 'kube-scheduler'>,
): readonly Daemon[] {
  return [
    controllerManager(topology, paths, tools['kube-controller-manager']),
    scheduler(topology, paths, tools['kube-scheduler']),
  ];
}

/** Writes the kubeconfigs of the owner and of the control plane's parts, all with mode 0600. */
export async function writeKubeconfigs(cluster: Cluster): Promise<void> {
  const { paths, topology } = cluster;
  const files: Readonly<Record<string, string>> = {
    admin: paths.kubeconfig,
    'kube-controller-manager': join(paths.pki, 'kube-controller-manager.kubeconfig'),
    'kube-scheduler': join(paths.pki, 'kube-scheduler.kubeconfig'),
    'load-balancer': join(paths.pki, 'load-balancer.kubeconfig'),
  };
  for (const [certificate, path] of Object.entries(files)) {
    await writeIfChanged(path, await kubeconfig(paths, topology, certificate), 0o600);
  }
}
