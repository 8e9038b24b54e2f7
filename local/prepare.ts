import { clusterPaths } from './cluster.ts';
import { run } from './command.ts';
import type { Surroundings } from './life.ts';
import { gatherFacts } from './machine.ts';
import { installCommand, judge } from './preflight.ts';
import type { ClusterRecord } from './record.ts';
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
 * Looks whether the machine can carry a cluster of this shape, and gives its addresses.
 * @param install whether missing Debian packages are installed. @default only under CI (`CI` is set)
 * @throws PreflightFailed with all that is in the way.
 */
export async function prepare(
  shape: ClusterShape,
  around: Surroundings,
  install = Boolean(around.env.CI),
): Promise<ClusterRecord> {
  const { state } = clusterPaths(shape.name, around.env);
  let result = judge(await gatherFacts(around.env), shape, state);
  if (!result.ok && install && result.installable.length > 0) {
    await installPackages(result.installable, around);
    result = judge(await gatherFacts(around.env), shape, state);
  }
  if (!result.ok) throw new PreflightFailed(result.problems);
  if (result.note !== undefined) around.progress.note(result.note);
  return { shape, plan: result.plan };
}
