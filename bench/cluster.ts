import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clusterPids } from '../local/cgroups.ts';
import { down, type Surroundings, up } from '../local/life.ts';
import { prepare } from '../local/prepare.ts';
import { silentProgress } from '../local/progress.ts';
import { clusterTools } from '../local/tools/pins.ts';
import { ensureTools } from '../local/tools.ts';
import { shapeOf } from '../local/topology.ts';
import { type Measurement, seconds } from './measure.ts';

/** What `benchCluster` is given. */
export interface ClusterBenchOptions {
  /** Root of the checkout. */
  readonly root: string;
  /** Build every tool into empty caches too, as the first `up` on a machine does. Takes minutes. */
  readonly cold: boolean;
}

const shape = shapeOf('bench', 2, 2);
/** Controllers settle for a while after a start; idle begins after it. */
const settleMs = 20_000;

/** Proportional set size: memory that several processes share is counted once in the sum. */
async function pssBytes(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s*(\d+)/m.exec(rollup)?.[1] ?? 0) * 1024;
}

async function idleGib(): Promise<number> {
  await sleep(settleMs);
  const all = await Promise.all(clusterPids(shape.name).map(pssBytes));
  return all.reduce((sum, bytes) => sum + bytes, 0) / 2 ** 30;
}

async function coldBuildMinutes(around: Surroundings): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'edgeplane-cold-'));
  try {
    const env = { ...around.env, GOCACHE: join(folder, 'go') };
    const modules = join(around.projectRoot, 'local/tools');
    const build = () => ensureTools(clusterTools, { ...around, env, modules, cacheDir: join(folder, 'tools') });
    return (await seconds(build)) / 60;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The embedded cluster, four nodes: how long the steps of its life take, and what it holds while idle. */
export async function benchCluster({ root, cold }: ClusterBenchOptions): Promise<readonly Measurement[]> {
  const signal = new AbortController().signal;
  const around: Surroundings = { env: process.env, projectRoot: root, progress: silentProgress, signal };
  const start = async () => up(await prepare(shape, around), around);
  const build = cold ? [await coldBuildMinutes(around)] : [];
  await start(); // Whatever is not in the cache yet is made here.
  await down(shape.name, around);
  const warm = await seconds(start);
  const again = await seconds(start);
  const memory = await idleGib();
  const removal = await seconds(() => down(shape.name, around));
  return [
    ...build.map((found) => ({ what: 'cold build of all tools', found, unit: 'min', atMost: 15 })),
    { what: 'warm up: all nodes Ready, DNS answering', found: warm, unit: 's', atMost: 20 },
    { what: 'up of a cluster that runs', found: again, unit: 's', atMost: 5 },
    { what: 'down', found: removal, unit: 's', atMost: 5 },
    { what: 'idle memory of the whole cluster (PSS)', found: memory, unit: 'GiB', atMost: 3 },
  ];
}
