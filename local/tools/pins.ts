/** One program and the package of the pinned module that it is built from. */
export interface ToolPin {
  /** File name of the program. */
  readonly name: string;
  /** Folder below `local/tools/` with the `go.mod` and `go.sum` that pin it. */
  readonly module: 'kubernetes' | 'traefik' | 'coredns' | 'consul';
  readonly package: string;
}

const kubernetes = (name: string): ToolPin => ({
  name,
  module: 'kubernetes',
  package: `k8s.io/kubernetes/cmd/${name}`,
});

/** Every program that is built from source. What they are built from is in the module files, checksums included. */
export const toolPins = {
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubelet: kubernetes('kubelet'),
  'kube-proxy': kubernetes('kube-proxy'),
  kubectl: kubernetes('kubectl'),
  coredns: { name: 'coredns', module: 'coredns', package: 'github.com/coredns/coredns' },
  traefik: { name: 'traefik', module: 'traefik', package: 'github.com/traefik/traefik/v3/cmd/traefik' },
  consul: { name: 'consul', module: 'consul', package: 'github.com/hashicorp/consul' },
} as const satisfies Readonly<Record<string, ToolPin>>;

export type ToolName = keyof typeof toolPins;

/** What every cluster needs; Consul is built only when an internal edge asks for it. */
export const clusterTools: readonly ToolName[] = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
  'coredns',
  'traefik',
];

/** The Kubernetes release that the module `kubernetes` pins: what `kubectl version` is to say. */
export const kubernetesVersion = 'v1.36.3';

/** No C compiler is needed, and no path of this machine gets into a program. */
export const buildFlags: readonly string[] = [
  '-trimpath',
  '-mod=readonly',
  '-buildvcs=false',
  '-ldflags',
  `-s -w -X k8s.io/component-base/version.gitVersion=${kubernetesVersion} -X k8s.io/client-go/pkg/version.gitVersion=${kubernetesVersion}`,
];

/** The oldest Go that the pinned modules accept. */
export const oldestGo = [1, 26] as const;
