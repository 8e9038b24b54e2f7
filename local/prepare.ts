import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { clusterPaths } from './cluster.ts';
import { run } from './command.ts';
import type { Surroundings } from './life.ts';
import { withLock } from './lock.ts';
import { gatherFacts } from './machine.ts';
import { installCommand, judge } from './preflight.ts';
import { type ClusterRecord, writeRecord } from './record.ts';
import type { ClusterShape } from './topology.ts';

const withoutCluster =
  'These work here without a cluster: npm run synth, npm run preview, npx edgeplane check, npx edgeplane explain';

/** Everything that keeps a cluster from being made on this machine. */
export class PreflightFailed extends Error {
  constructor(readonly problems: readonly string[]) {
    const list = problems.map((problem) => `  - ${problem}`).join('\n');
    super(`the local cluster cannot start here:\n${list}\n${withoutCluster}`);
    this.name = 'PreflightFailed';
  }
}

async function installPackages(packages: readonly string[], around: Surroundings): Promise<void> {
  const env = { ...around.env, DEBIAN_FRONTEND: 'noninteractive' };
  const [program = 'apt-get', ...args] = installCommand(packages).split(' ');
  await around.progress.step(`installing ${packages.join(', ')}`, async () => {
    await run('apt-get', ['update'], { env, signal: around.signal });
    await run(program, args, { env, signal: around.signal });
  });
}

/**
 * Looks whether the machine can carry a cluster of this shape, perhaps after packages are installed. Changes nothing.
 * @throws PreflightFailed with all that is in the way.
 */
export async function assertPossible(shape: ClusterShape, install: boolean, env: Surroundings['env']): Promise<void> {
  const result = judge(await gatherFacts(env), shape, clusterPaths(shape.name, env).state);
  if (!result.ok && !(install && result.installable.length > 0)) throw new PreflightFailed(result.problems);
}

/**
 * Looks whether the machine can carry a cluster of this shape, and gives its addresses, which are recorded at once: two
 * clusters that begin at the same time get different ones.
 * @param install whether missing Debian packages are installed. @default only under CI (`CI` is set)
 * @throws PreflightFailed with all that is in the way.
 */
export async function prepare(
  shape: ClusterShape,
  around: Surroundings,
  install = Boolean(around.env.CI),
): Promise<ClusterRecord> {
  const paths = clusterPaths(shape.name, around.env);
  // Before anything is written: who may not make a cluster here may not write there either.
  await choose(shape, paths.state, around, install);
  const home = dirname(paths.run);
  await mkdir(home, { recursive: true });
  return withLock(join(home, 'addresses.lock'), { wait: true, signal: around.signal }, async () => {
    const { plan, note } = await choose(shape, paths.state, around, false);
    if (note !== undefined) around.progress.note(note);
    await writeRecord(paths, { shape, plan });
    return { shape, plan };
  });
}

async function choose(shape: ClusterShape, state: string, around: Surroundings, install: boolean) {
  let result = judge(await gatherFacts(around.env), shape, state);
  if (!result.ok && install && result.installable.length > 0) {
    await installPackages(result.installable, around);
    result = judge(await gatherFacts(around.env), shape, state);
  }
  if (!result.ok) throw new PreflightFailed(result.problems);
  return result;
}
