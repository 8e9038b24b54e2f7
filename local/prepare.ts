import { clusterPaths } from './cluster.ts';
import { run } from './command.ts';
import type { Surroundings } from './life.ts';
import { gatherFacts } from './machine.ts';
import { installCommand, judge } from './preflight.ts';
import type { ClusterRecord } from './record.ts';
import type { ClusterShape } from './topology.ts';

/** Everything that keeps a cluster from being made on this machine. */
export class PreflightFailed extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the local cluster cannot start here:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'PreflightFailed';
  }
}

async function install(packages: readonly string[], around: Surroundings): Promise<void> {
  const env = { ...around.env, DEBIAN_FRONTEND: 'noninteractive' };
  const [program = 'apt-get', ...args] = installCommand(packages).split(' ');
  await around.progress.step(`installing ${packages.join(', ')}`, async () => {
    await run('apt-get', ['update'], { env, signal: around.signal });
    await run(program, args, { env, signal: around.signal });
  });
}

/**
 * Looks whether the machine can carry a cluster of this shape, and gives its addresses. Under CI (`CI` is set) missing
 * Debian packages are installed.
 * @throws PreflightFailed with all that is in the way.
 */
export async function prepare(shape: ClusterShape, around: Surroundings): Promise<ClusterRecord> {
  const { state } = clusterPaths(shape.name, around.env);
  let result = judge(await gatherFacts(around.env), shape, state);
  if (!result.ok && result.installable.length > 0 && around.env.CI) {
    await install(result.installable, around);
    result = judge(await gatherFacts(around.env), shape, state);
  }
  if (!result.ok) throw new PreflightFailed(result.problems);
  if (result.note !== undefined) around.progress.note(result.note);
  return { shape, plan: result.plan };
}
