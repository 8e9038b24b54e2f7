import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { killCluster, removeCgroups } from './cgroups.ts';
import { type ClusterPaths, clusterPaths, type HomeFolders } from './cluster.ts';
import { attempt } from './command.ts';
import type { OpenPort } from './firewall.ts';
import { removeHostFolders } from './host-folders.ts';
import { connect, type KubeApi } from './kube.ts';
import { withLock } from './lock.ts';
import { removeNetwork } from './network.ts';
import type { Progress } from './progress.ts';
import { type ClusterRecord, readRecord, writeRecord } from './record.ts';
import { runSteps } from './steps.ts';
import { clusterTools } from './tools/pins.ts';
import { ensureTools } from './tools.ts';
import { layOut, type Topology } from './topology.ts';
import { type UpContext, upSteps } from './up.ts';

const lockFile = (paths: ClusterPaths) => `${paths.state}.lock`;

/** What the outermost caller decides. */
export interface Surroundings {
  readonly env: HomeFolders & Readonly<Record<string, string | undefined>>;
  /** The root of the checkout. */
  readonly projectRoot: string;
  readonly progress: Progress;
  /** Fires when the user interrupts. */
  readonly signal: AbortSignal;
}

/** A cluster that is asked for. */
export interface UpRequest extends ClusterRecord {
  /** Ports of edge nodes that answer to the outside. @default TCP 80 and 443 */
  readonly openPorts?: readonly OpenPort[];
}

const webPorts: readonly OpenPort[] = [80, 443].map((port) => ({ protocol: 'tcp', port, sources: [] }));

/** A cluster that is up. */
export interface RunningCluster {
  readonly topology: Topology;
  readonly paths: ClusterPaths;
  readonly tools: UpContext['tools'];
}

/**
 * Makes or mends a cluster and waits until it is ready. Safe to repeat, and to cut off at any point: the next call
 * goes on. Preflight is the caller's.
 * @throws Locked when another process is at it; the first failed step's error; the signal's reason.
 */
export async function up(request: UpRequest, around: Surroundings): Promise<RunningCluster> {
  const paths = clusterPaths(request.shape.name, around.env);
  await mkdir(dirname(paths.state), { recursive: true, mode: 0o700 });
  return withLock(lockFile(paths), {}, async () => {
    const tools = await ensureTools(clusterTools, {
      ...around,
      modules: join(around.projectRoot, 'local/tools'),
      cacheDir: join(paths.cache, 'tools'),
    });
    const failed = new AbortController();
    const signal = AbortSignal.any([around.signal, failed.signal]);
    const topology = layOut(request.shape, request.plan);
    let api: KubeApi | undefined;
    const connected = () => {
      api ??= connect(topology, paths);
      return api;
    };
    const openPorts = request.openPorts ?? webPorts;
    const context: UpContext = { ...around, signal, topology, paths, tools, api: connected, openPorts };
    await writeRecord(paths, request);
    try {
      await runSteps(upSteps(context), {
        signal,
        abort: (reason) => failed.abort(reason),
        around: (step, work) => around.progress.step(step.name, work),
      });
    } finally {
      api?.close();
    }
    return { topology, paths, tools };
  });
}

async function unmount(paths: ClusterPaths): Promise<void> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const points = table.split('\n').map((line) => line.split(' ')[4] ?? '');
  const own = points.filter((point) => [paths.run, paths.state].some((folder) => point.startsWith(`${folder}/`)));
  for (const point of own.toReversed()) await attempt('umount', ['-l', point]);
}

/**
 * Removes everything that `up` made for a cluster, half-made or whole: processes, namespaces, mounts, links, cgroups,
 * and its files, keys included. Does nothing when there is no such cluster.
 * @throws Locked when an `up` is at work on it.
 */
export async function down(name: string, around: Surroundings): Promise<boolean> {
  const paths = clusterPaths(name, around.env);
  if (!existsSync(dirname(paths.state))) return false;
  const removed = await withLock(lockFile(paths), {}, async () => {
    const record = await readRecord(paths);
    if (!record) return false;
    const topology = layOut(record.shape, record.plan);
    await around.progress.step('processes', () => killCluster(name));
    await around.progress.step('networks', () => removeNetwork(topology));
    await unmount(paths);
    await around.progress.step('cgroups', () => removeCgroups(name));
    await around.progress.step('files', async () => {
      await rm(paths.run, { recursive: true, force: true });
      await rm(paths.state, { recursive: true, force: true });
      await removeHostFolders(paths);
    });
    return true;
  });
  for (const folder of [dirname(paths.run), dirname(paths.state)]) await rmdir(folder).catch(() => undefined);
  return removed;
}
