import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const mountPoint = '/sys/fs/cgroup';

/** Whether the machine has the unified hierarchy alone. */
export function isUnified(root: string = mountPoint): boolean {
  return existsSync(join(root, 'cgroup.controllers'));
}

/** The root folder of every hierarchy: one on cgroup v2, one for each controller on v1. */
export function hierarchies(root: string = mountPoint): readonly string[] {
  if (isUnified(root)) return [root];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, 'cgroup.procs')))
    .map((entry) => join(root, entry.name));
}

const clusterGroup = (cluster: string) => `edgeplane-${cluster}`;

/** The cgroup below which a node's containers run: the kubelet's `cgroupRoot`. */
export const nodeGroup = (cluster: string, node: string): string => `/${clusterGroup(cluster)}/pods/${node}`;

/** The hierarchy that counts processes holds all daemons of a cluster, so that none can be lost. */
function trackingHierarchy(): string {
  return isUnified() ? mountPoint : join(mountPoint, 'pids');
}

const daemonGroup = (cluster: string) => join(trackingHierarchy(), clusterGroup(cluster), 'daemons');

/** The file to which a process writes its pid to be counted among the cluster's. */
export const enterCgroup = (cluster: string): string => join(daemonGroup(cluster), 'cgroup.procs');

/** A new cpuset takes no process before it has processors and memory nodes; its parent's are the natural ones. */
function inheritCpuset(folder: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const own = join(folder, file);
    if (!existsSync(own) || readFileSync(own, 'utf8').trim() !== '') continue;
    writeFileSync(own, readFileSync(join(folder, '..', file), 'utf8'));
  }
}

function delegate(folder: string): void {
  const available = join(folder, 'cgroup.controllers');
  if (!existsSync(available)) return;
  const wanted = readFileSync(available, 'utf8').trim().split(/\s+/).filter(Boolean);
  for (const name of wanted) {
    try {
      writeFileSync(join(folder, 'cgroup.subtree_control'), `+${name}`);
    } catch {
      // Some controllers cannot be handed down (realtime processes hold `cpu`); runc needs none of them to start.
    }
  }
}

function makeGroup(hierarchy: string, path: string): void {
  let folder = hierarchy;
  for (const part of path.split('/').filter(Boolean)) {
    if (isUnified()) delegate(folder);
    folder = join(folder, part);
    mkdirSync(folder, { recursive: true });
    if (!isUnified()) inheritCpuset(folder);
  }
}

/** Makes the cgroup of the daemons and that of every node, under every controller. Safe to repeat. */
export function ensureCgroups(cluster: string, nodes: readonly string[]): void {
  makeGroup(trackingHierarchy(), join(clusterGroup(cluster), 'daemons'));
  for (const hierarchy of hierarchies()) {
    for (const node of nodes) makeGroup(hierarchy, nodeGroup(cluster, node));
  }
}

/** Whether {@link ensureCgroups} has nothing to do. */
export function hasCgroups(cluster: string, nodes: readonly string[]): boolean {
  return (
    existsSync(daemonGroup(cluster)) &&
    hierarchies().every((h) => nodes.every((node) => existsSync(join(h, nodeGroup(cluster, node)))))
  );
}

/** The folders of a tree, children before parents. */
function tree(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const children = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((entry) => tree(join(folder, entry.name))), folder];
}

const clusterFolders = (cluster: string) => hierarchies().flatMap((h) => tree(join(h, clusterGroup(cluster))));

const pidsIn = (folder: string): readonly number[] => {
  try {
    return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return []; // The group has gone since it was listed.
  }
};

/** Every process of the cluster: daemons, container shims, and what runs in pods. */
export function clusterPids(cluster: string): readonly number[] {
  return [...new Set(clusterFolders(cluster).flatMap(pidsIn))];
}

/**
 * Kills every process of the cluster at once and waits until none is left. Nothing outside its cgroups is touched.
 * @throws when some are still there after 10 s, which only an unkillable process (state D) causes.
 */
export async function killCluster(cluster: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (let pids = clusterPids(cluster); pids.length > 0; pids = clusterPids(cluster)) {
    if (Date.now() > deadline) throw new Error(`processes ${pids.join(', ')} of cluster ${cluster} cannot be killed`);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself in between.
      }
    }
    await sleep(20);
  }
}

/** Removes every cgroup of the cluster. The kernel frees a dead process's place a moment late, hence the retries. */
export async function removeCgroups(cluster: string): Promise<void> {
  const deadline = Date.now() + 5000;
  for (let left = clusterFolders(cluster); left.length > 0; left = clusterFolders(cluster)) {
    if (Date.now() > deadline) throw new Error(`cgroups that cannot be removed: ${left.join(', ')}`);
    for (const folder of left) {
      try {
        rmdirSync(folder);
      } catch {
        // Busy: tried again until the deadline.
      }
    }
    await sleep(20);
  }
}
