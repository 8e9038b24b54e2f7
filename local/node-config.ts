import { join } from 'node:path';
import type { NodePaths } from './cluster.ts';
import { imageAlias } from './images/reference.ts';
import type { NodePlace, Topology } from './topology.ts';

/** What containerd's configuration depends on. */
export interface ContainerdFolders {
  readonly paths: NodePaths;
  readonly snapshotter: 'overlayfs' | 'native';
}

/** containerd 1.6, with every folder of its own. A JSON string is a TOML string. */
export function containerdConfig({ paths, snapshotter }: ContainerdFolders): string {
  const text = JSON.stringify;
  return `version = 2
root = ${text(join(paths.state, 'containerd'))}
state = ${text(join(paths.run, 'containerd'))}
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing",
]
[grpc]
  address = ${text(paths.containerdSocket)}
[debug]
  level = "warn"
[plugins."io.containerd.internal.v1.opt"]
  path = ${text(join(paths.run, 'opt'))}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(imageAlias('pause'))}
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  disable_apparmor = true
  tolerate_missing_hugetlb_controller = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = ${text(join(paths.state, 'cni'))}
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = ${text(snapshotter)}
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  Root = ${text(join(paths.run, 'runc'))}
`;
}

/** Each pod a link of its own to its node, which routes: no bridge, so no question whether its frames are filtered. */
export function podNetworkConfig(topology: Topology, node: NodePlace, paths: NodePaths): string {
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: `edgeplane-${topology.shape.name}-${node.name}`,
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        mtu: 1500,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: node.podCidr }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: join(paths.run, 'pod-addresses'),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    ],
  });
}

/** What a kubelet's configuration depends on beside its node. */
export interface KubeletSurroundings {
  readonly topology: Topology;
  readonly pki: string;
  readonly cgroup: string;
}

const parseTaint = (taint: string) => {
  const [, key, value, effect] = /^([^=]+)=([^:]*):(.+)$/.exec(taint) ?? [];
  return { key, value, effect };
};

/** The kubelet: nobody anonymous, every request authorised by the API server, pods accounted below its own cgroup. */
export function kubeletConfig(node: NodePlace, paths: NodePaths, around: KubeletSurroundings): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: node.address,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: join(around.pki, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: join(around.pki, `kubelet-${node.name}.crt`),
    tlsPrivateKeyFile: join(around.pki, `kubelet-${node.name}.key`),
    readOnlyPort: 0,
    registerWithTaints: node.taints.map(parseTaint),
    containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
    clusterDomain: 'cluster.local',
    clusterDNS: [around.topology.dnsAddress],
    resolvConf: join(paths.state, 'resolv.conf'),
    podLogsDir: join(paths.state, 'pod-logs'),
    cgroupRoot: around.cgroup,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    cgroupsPerQOS: true,
    enforceNodeAllocatable: [],
    failSwapOn: false,

    // A full disk of this machine is no reason to throw pods out of a test.
    evictionHard: { 'nodefs.available': '1%', 'imagefs.available': '1%', 'memory.available': '50Mi' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    nodeStatusUpdateFrequency: '5s',
    syncFrequency: '10s',
    serializeImagePulls: false,
    shutdownGracePeriod: '0s',
    logging: { verbosity: 1 },
  });
}

/** kube-proxy by iptables of the node's own namespace. What concerns the whole machine's connections is left alone. */
export function kubeProxyConfig(topology: Topology, paths: NodePaths): string {
  return JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig: join(paths.state, 'kube-proxy.kubeconfig') },
    clusterCIDR: topology.podCidr,
    detectLocalMode: 'ClusterCIDR',
    hostnameOverride: paths.state.slice(paths.state.lastIndexOf('/') + 1),
    nodePortAddresses: ['primary'],
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    iptables: { minSyncPeriod: '0s', syncPeriod: '30s' },
  });
}
