import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { cacheHome, nodePaths } from '../../local/cluster.ts';
import { run } from '../../local/command.ts';
import { ensureImages } from '../../local/images/build.ts';
import { importImages } from '../../local/images/import.ts';
import { down, type RunningCluster, type Surroundings, up } from '../../local/life.ts';
import { prepare } from '../../local/prepare.ts';
import { createProgress } from '../../local/progress.ts';
import { type ClusterShape, shapeOf } from '../../local/topology.ts';

/** What every suite gets by `inject('cluster')`. */
export type SharedCluster = Pick<RunningCluster, 'topology' | 'paths' | 'tools'>;

declare module 'vitest' {
  interface ProvidedContext {
    cluster: SharedCluster;
  }
}

/** The root of the checkout. */
export const projectRoot = join(__dirname, '../..');

/** The world of a test run: its own environment, its progress beside the reporter's lines. */
export function surroundings(signal: AbortSignal = new AbortController().signal): Surroundings {
  const progress = createProgress({ isTTY: false, write: (text) => process.stderr.write(text) });
  return { env: process.env, projectRoot, progress, signal };
}

/** Makes a cluster of this shape, or mends it, as `edgeplane up` does. */
export async function start(shape: ClusterShape): Promise<SharedCluster> {
  const around = surroundings();
  return up(await prepare(shape, around), around);
}

/** Images that suites may use on every node: `edgeplane.local/busybox:local` and `edgeplane.local/echo:local`. */
async function bringTestImages({ topology, paths, tools }: SharedCluster): Promise<void> {
  const images = await ensureImages(['busybox', 'echo'], {
    cacheDir: `${cacheHome(process.env)}/images`,
    projectRoot,
    toolBinary: (tool) => (tools as Readonly<Record<string, string>>)[tool] ?? tool,
    run,
    env: process.env,
  });
  const nodes = topology.nodes.map((node) => ({ name: node.name, socket: nodePaths(paths, node).containerdSocket }));
  await importImages(images, nodes, run);
}

/** The name of the cluster of a run. `E2E_CLUSTER` gives another, so that two checkouts can run side by side. */
export const clusterName = process.env.E2E_CLUSTER ?? 'e2e';

/**
 * One cluster for all suites, beside whatever the user has: two edge nodes, two workers. Set `E2E_KEEP=1` to leave it
 * up, so that the next run begins at once.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await start(shapeOf(clusterName, 2, 2));
  await bringTestImages(cluster);
  project.provide('cluster', cluster);
  return async () => {
    if (!process.env.E2E_KEEP) await down(clusterName, surroundings());
  };
}
