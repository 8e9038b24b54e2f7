import { join } from 'node:path';
import type { Progress } from './progress.ts';
import type { NodePlace, Place, Topology } from './topology.ts';

/** The folders of one cluster. Nothing outside them is written, but for the links, namespaces and cgroups named after it. */
export interface ClusterPaths {
  /** Survives a reboot: keys, etcd's data, images. Mode 0700. */
  readonly state: string;
  /** Ends with the machine's uptime: sockets, pid files, namespaces. Mode 0700. */
  readonly run: string;
  readonly logs: string;
  readonly pki: string;
  /** For people and tools, mode 0600. */
  readonly kubeconfig: string;
  /** Tools and images shared by all clusters of this user; nothing in it is secret. */
  readonly cache: string;
}

/** What every step of `up` and `down` is given. */
export interface Cluster {
  readonly topology: Topology;
  readonly paths: ClusterPaths;
  readonly progress: Progress;
  /** Fires when the user interrupts or another step has failed: stop waiting. */
  readonly signal: AbortSignal;
}

/** The part of the environment that decides where files are. */
export interface HomeFolders {
  readonly HOME?: string | undefined;
  readonly XDG_STATE_HOME?: string | undefined;
  readonly XDG_CACHE_HOME?: string | undefined;
}

/** The folder that holds one folder for each cluster. */
export function stateHome(env: HomeFolders): string {
  return join(env.XDG_STATE_HOME || join(env.HOME || '/root', '.local/state'), 'edgeplane');
}

/** The folder for what can be made again: built tools, images. */
export function cacheHome(env: HomeFolders): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || '/root', '.cache'), 'edgeplane');
}

/** Where the cluster of this name keeps its files. */
export function clusterPaths(name: string, env: HomeFolders): ClusterPaths {
  const state = join(stateHome(env), name);
  return {
    state,
    // Short on purpose: a Unix socket's path may have 107 bytes.
    run: join('/run/edgeplane', name),
    logs: join(state, 'logs'),
    pki: join(state, 'pki'),
    kubeconfig: join(state, 'kubeconfig'),
    cache: cacheHome(env),
  };
}

/** The files and sockets of one node. */
export interface NodePaths {
  readonly state: string;
  /** For `ctr --address`. Images for pods are in the containerd namespace `k8s.io`. */
  readonly containerdSocket: string;
  readonly run: string;
  /** The node's mount namespace, pinned. */
  readonly mountNamespace: string;
}

/** Where a node keeps its files. */
export function nodePaths(paths: ClusterPaths, node: Pick<NodePlace, 'name'>): NodePaths {
  const run = join(paths.run, node.name);
  return {
    state: join(paths.state, 'nodes', node.name),
    run,
    containerdSocket: join(run, 'containerd.sock'),
    mountNamespace: join(paths.run, 'mnt', node.name),
  };
}

/** The words that run a program inside a place's network, to stand before the program's own. */
export function inside(place: Pick<Place, 'netns'>): readonly string[] {
  return ['nsenter', `--net=/run/netns/${place.netns}`, '--'];
}

/** As {@link inside}, and with the node's own mounts. */
export function insideNode(paths: ClusterPaths, node: NodePlace): readonly string[] {
  return [
    'nsenter',
    `--net=/run/netns/${node.netns}`,
    `--mount=${nodePaths(paths, node).mountNamespace}`,
    '--wdns=/',
    '--',
  ];
}
