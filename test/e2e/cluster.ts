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
import { ensureNginx } from './nginx-package.ts';
import { workers } from './suites.ts';

/** What every suite gets by `sharedCluster()`. */
export type SharedCluster = Pick<RunningCluster, 'topology' | 'paths' | 'tools'>;

declare module 'vitest' {
  interface ProvidedContext {
    /** One for each worker that runs suites side by side. */
    clusters: readonly SharedCluster[];
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

/** The first cluster of a run. `E2E_CLUSTER` gives another name, so that two checkouts can run side by side. */
const firstName = process.env.E2E_CLUSTER ?? 'e2e';

/** Two edge nodes and two workers for each worker of the run. */
export const shapes: readonly ClusterShape[] = Array.from({ length: workers }, (_, index) =>
  shapeOf(index === 0 ? firstName : `${firstName}${index + 1}`, 2, 2),
);

/** Both groups of suites begin with this setup: what the first one began holds for the second. */
const begun: { [key: symbol]: Promise<readonly SharedCluster[]> | undefined } = globalThis as never;
const key = Symbol.for('edgeplane.e2e.clusters');

/** The first one alone, because it brings what all of them need: packages, programs, images. */
async function makeClusters(): Promise<readonly SharedCluster[]> {
  // Suites that run side by side would be in each other's way at it.
  await ensureNginx();
  const [first, ...others] = shapes.map((shape) => async () => {
    const cluster = await start(shape);
    await bringTestImages(cluster);
    return cluster;
  });
  const made = first === undefined ? [] : [await first()];
  return [...made, ...(await Promise.all(others.map((make) => make())))];
}

/**
 * The clusters of all suites, beside whatever the user has: one for each suite that may run at the same time. Set
 * `E2E_KEEP=1` to leave them up, so that the next run begins at once, and `E2E_WORKERS=1` for one alone.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  begun[key] ??= makeClusters();
  project.provide('clusters', await begun[key]);
  return async () => {
    if (process.env.E2E_KEEP) return;
    await Promise.all(shapes.map(({ name }) => down(name, surroundings())));
  };
}
