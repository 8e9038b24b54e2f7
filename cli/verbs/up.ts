import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { chooseCluster, edgeNodeProblems } from '../../local/choose.ts';
import { cacheHome, clusterPaths } from '../../local/cluster.ts';
import { type ExistingAccess, findCandidates, readNodes } from '../../local/existing.ts';
import { up } from '../../local/life.ts';
import { prepare } from '../../local/prepare.ts';
import { readRecord } from '../../local/record.ts';
import { ensureTools } from '../../local/tools.ts';
import { type ClusterShape, defaultShape, edgeNodeLabel, edgeNodeTaint, shapeOf } from '../../local/topology.ts';
import { ExitError, exitCodes } from '../exit-codes.ts';
import { type LocalSurroundings, withSurroundings } from '../surroundings.ts';

interface UpFlags {
  readonly context?: string;
  readonly name: string;
  readonly edges?: number;
  readonly workers?: number;
}

function count(text: string): number {
  if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError('expected a number from 0 to 99.');
  return Number(text);
}

/** A cluster that is there already keeps its nodes unless others are asked for, which is then a problem. */
async function wantedShape(flags: UpFlags, around: LocalSurroundings): Promise<ClusterShape> {
  const { name, edges, workers } = flags;
  const recorded = await readRecord(clusterPaths(name, around.env));
  if (edges === undefined && workers === undefined) return recorded?.shape ?? shapeOf(name, 2, 2);
  return shapeOf(name, edges ?? 2, workers ?? 2);
}

async function takeExisting(context: string, access: ExistingAccess, around: LocalSurroundings): Promise<void> {
  const contract = { label: edgeNodeLabel, taint: edgeNodeTaint };
  const problems = edgeNodeProblems(await readNodes(context, access), contract);
  if (problems.length > 0) throw new ExitError(problems.join('\n'), exitCodes.problems);
  around.say('it has edge nodes with their label and taint');
}

async function startEmbedded(flags: UpFlags, around: LocalSurroundings): Promise<void> {
  const record = await prepare(await wantedShape(flags, around), around);
  const { paths, topology } = await up(record, around);
  around.say(`ready: ${topology.nodes.map((node) => node.name).join(', ')}`);
  around.say(`export KUBECONFIG=${paths.kubeconfig}`);
}

async function run(flags: UpFlags, around: LocalSurroundings): Promise<void> {
  const modules = join(around.projectRoot, 'local/tools');
  const cacheDir = join(cacheHome(around.env), 'tools');
  const kubectl = async () => (await ensureTools(['kubectl'], { ...around, modules, cacheDir })).kubectl;
  const access: ExistingAccess = { env: around.env, kubectl };
  const choice = chooseCluster(await findCandidates(flags.context, access));
  switch (choice.kind) {
    case 'none':
      throw new ExitError(choice.problem, exitCodes.world);
    case 'existing':
      around.say(choice.why);
      return takeExisting(choice.context, access, around);
    case 'embedded':
      around.say(choice.why);
      return startEmbedded(flags, around);
    default:
      return choice satisfies never;
  }
}

const words = `
Takes the cluster of --context; else a running kind or k3d cluster made from local/kind.yaml or local/k3d.yaml; else
starts the embedded one: a control plane and nodes in network namespaces of this machine. Needs Linux and root.
Safe to repeat: what runs is kept, what has died is started again, and an interrupted start goes on.

Examples:
  edgeplane up
  edgeplane up --context kind-edgeplane`;

/** Starts the local cluster, or mends what is broken of it, and waits until its nodes are ready. */
export function define(command: Command): Command {
  return command
    .option('--context <name>', 'take this cluster of the kubeconfig instead of starting one')
    .option('--name <name>', 'name of the embedded cluster; several run side by side', defaultShape.name)
    .option('--edges <count>', 'edge nodes of a new embedded cluster (default: 2)', count)
    .option('--workers <count>', 'worker nodes of a new embedded cluster (default: 2)', count)
    .addHelpText('after', words)
    .action((flags: UpFlags) => withSurroundings((around) => run(flags, around)));
}
