import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeGroup } from './cgroups.ts';
import { type Cluster, insideNode, nodePaths } from './cluster.ts';
import { run } from './command.ts';
import { writeIfChanged } from './files.ts';
import { containerdConfig, kubeletConfig, kubeProxyConfig, podNetworkConfig } from './node-config.ts';
import { certificateTexts, kubeconfig } from './pki.ts';
import type { Daemon } from './process.ts';
import type { Tools } from './tools.ts';
import type { NodePlace } from './topology.ts';

/** Folders whose place is fixed in the kubelet's, containerd's or libcni's source: each node needs its own. */
export const privateFolders = ['/var/lib/kubelet', '/var/lib/cni', '/var/log/containers', '/run/containerd'] as const;

const overlayfsMagic = 0x794c7630;

/** An overlay on an overlay is refused by the kernel, as when this machine is a container itself. */
async function snapshotterFor(folder: string): Promise<'overlayfs' | 'native'> {
  return (await statfs(folder)).type === overlayfsMagic ? 'native' : 'overlayfs';
}

/** The text of every file that a node's daemons read, by path. None of them is secret. */
async function configurationOf(cluster: Cluster, node: NodePlace): Promise<ReadonlyMap<string, string>> {
  const { topology, paths } = cluster;
  const own = nodePaths(paths, node);
  const config = (name: string) => join(own.state, name);
  const folders = { paths: own, snapshotter: await snapshotterFor(own.state) };
  const kubelet = {
    topology,
    pki: paths.pki,
    cgroup: nodeGroup(topology.shape.name, node.name),
  };
  return new Map([
    [config('containerd.toml'), containerdConfig(folders)],
    [config('cni/10-pods.conflist'), podNetworkConfig(topology, node, own)],
    [config('kubelet.json'), kubeletConfig(node, own, kubelet)],
    [config('kube-proxy.json'), kubeProxyConfig(topology, own)],
    [config('resolv.conf'), ''],
  ]);
}

/** Writes the files of a node and gives the text of those that its daemons must be restarted for. */
async function writeConfiguration(cluster: Cluster, node: NodePlace): Promise<readonly string[]> {
  const own = nodePaths(cluster.paths, node);
  for (const folder of [own.state, own.run, join(own.state, 'cni'), join(own.state, 'containerd')]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  const files = await configurationOf(cluster, node);
  for (const [path, text] of files) await writeIfChanged(path, text);
  for (const [file, certificate] of [
    ['kubelet.kubeconfig', `kubelet-${node.name}`],
    ['kube-proxy.kubeconfig', 'kube-proxy'],
  ] as const) {
    const text = await kubeconfig(cluster.paths, cluster.topology, certificate);
    await writeIfChanged(join(own.state, file), text, 0o600);
  }
  return [...files.values(), ...certificateTexts(cluster.paths, ['ca', `kubelet-${node.name}`, 'kube-proxy'])];
}

const labelsOf = (node: NodePlace) =>
  Object.entries(node.labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

/** The three programs that make a namespace a node. The kubelet is to be started once the API server answers. */
export interface NodeDaemons {
  readonly containerd: Daemon;
  readonly kubelet: Daemon;
  readonly kubeProxy: Daemon;
}

/** Writes a node's configuration and says how its daemons are started. */
export async function prepareNode(
  cluster: Cluster,
  node: NodePlace,
  tools: Pick<Tools, 'kubelet' | 'kube-proxy'>,
): Promise<NodeDaemons> {
  const own = nodePaths(cluster.paths, node);
  const inputs = await writeConfiguration(cluster, node);
  const enter = insideNode(cluster.paths, node);
  const file = (name: string) => join(own.state, name);
  const daemon = (name: string, command: readonly string[]): Daemon => ({
    name: `${node.name}.${name}`,
    command: [...enter, ...command],
    inputs,
  });
  return {
    containerd: daemon('containerd', ['/usr/bin/containerd', '--config', file('containerd.toml')]),
    kubelet: daemon('kubelet', [
      tools.kubelet,
      `--config=${file('kubelet.json')}`,
      `--kubeconfig=${file('kubelet.kubeconfig')}`,
      `--hostname-override=${node.name}`,
      `--node-ip=${node.address}`,
      `--cert-dir=${cluster.paths.pki}`,
      ...(labelsOf(node) === '' ? [] : [`--node-labels=${labelsOf(node)}`]),
    ]),
    kubeProxy: daemon('kube-proxy', [tools['kube-proxy'], `--config=${file('kube-proxy.json')}`]),
  };
}

/**
 * Furnishes a fresh mount namespace: folders of its own, and none of the other namespaces' handles, which would keep
 * a deleted cluster's networks alive. Volumes of pods are on disk, the rest of the private folders is small.
 */
const furnishMounts = `
volumes=$1 ready=$2
umount -l /run/netns 2>/dev/null || true
for handles in /run/edgeplane/*/mnt; do umount -l "$handles" 2>/dev/null || true; done
for folder in ${privateFolders.join(' ')}; do mount -t tmpfs -o mode=0755 edgeplane "$folder"; done
mkdir -p "$volumes"
mount --bind "$volumes" /var/lib/kubelet
mkdir -p "$ready"
`;

const isMountPoint = (folder: string) =>
  existsSync(folder) && statSync(folder).dev !== statSync(join(folder, '..')).dev;

/** Whether the node's mount namespace is there and was furnished to the end. */
export function hasMountNamespace(cluster: Cluster, node: NodePlace): boolean {
  const own = nodePaths(cluster.paths, node);
  return existsSync(join(own.run, 'ready')) && isMountPoint(join(cluster.paths.run, 'mnt'));
}

/**
 * Makes the folder that holds the handles of mount namespaces. A handle can only live on a mount that is shared with
 * nobody.
 */
export async function ensureMountHandles(cluster: Cluster): Promise<void> {
  const folder = join(cluster.paths.run, 'mnt');
  if (isMountPoint(folder)) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await run('mount', ['-t', 'tmpfs', '-o', 'mode=0700,size=64k', 'edgeplane', folder]);
  await run('mount', ['--make-private', folder]);
}

/** Gives a node a mount namespace of its own: what the kubelet and containerd mount is seen by them alone. */
export async function ensureMountNamespace(cluster: Cluster, node: NodePlace): Promise<void> {
  if (hasMountNamespace(cluster, node)) return;
  const own = nodePaths(cluster.paths, node);
  await mkdir(own.run, { recursive: true, mode: 0o700 });
  await writeFile(own.mountNamespace, '', { flag: 'a' });
  await chmod(own.mountNamespace, 0o600);
  const shell = ['sh', '-euc', furnishMounts, 'sh', join(own.state, 'kubelet'), join(own.run, 'ready')];
  await run('unshare', [`--mount=${own.mountNamespace}`, '--propagation', 'slave', ...shell]);
}
