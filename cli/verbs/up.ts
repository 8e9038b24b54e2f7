import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { chooseCluster, edgeNodeProblems } from '../../local/choose.ts';
import { cacheHome, clusterPaths } from '../../local/cluster.ts';
import { type ExistingAccess, findCandidates, readNodes } from '../../local/existing.ts';
import { type RunningCluster, up } from '../../local/life.ts';
import { assertPossible, prepare } from '../../local/prepare.ts';
import { readRecord } from '../../local/record.ts';
import { ensureTools } from '../../local/tools.ts';
import { type ClusterShape, defaultShape, edgeNodeLabel, edgeNodeTaint, shapeOf } from '../../local/topology.ts';
import { type Deployment, type DeployResult, deploy } from '../deploy/deploy.ts';
import { unknownImages } from '../deploy/images.ts';
import { nextSteps } from '../deploy/next-steps.ts';
import { resultRows, wrongs } from '../deploy/results.ts';
import { ExitError, exitCodes } from '../exit-codes.ts';
import { refuse } from '../findings.ts';
import { compileInput, edgeNames, loadStack } from '../input.ts';
import { processIo, usageError } from '../io.ts';
import { type LocalSurroundings, withSurroundings } from '../surroundings.ts';
import { formatTable } from '../table.ts';

interface UpFlags {
  /** false: the cluster alone. */
  readonly apps: boolean;
  /** false: missing Debian packages are named, not installed. */
  readonly install: boolean;
  readonly stack: string;
  readonly edge?: string;
  readonly file?: readonly string[];
  readonly format: 'text' | 'json';
  readonly context?: string;
  readonly name: string;
  readonly edges?: number;
  readonly workers?: number;
}

const defaultStack = 'local';

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

async function startEmbedded(shape: ClusterShape, flags: UpFlags, around: LocalSurroundings): Promise<RunningCluster> {
  const record = await prepare(shape, around, flags.install);
  const cluster = await up(record, around);
  around.say(`ready: ${cluster.topology.nodes.map((node) => node.name).join(', ')}`);
  around.say(`export KUBECONFIG=${cluster.paths.kubeconfig}`);
  return cluster;
}

/** What is to run; nothing when it has problems, which are told. Before anything is started: a typo costs seconds. */
async function compileApps(flags: UpFlags): Promise<Deployment | undefined> {
  const io = processIo();
  const { callers = {}, environment } = await loadStack(flags.stack);
  if (environment.kind !== 'local') {
    const why = 'it names images and load balancers that the embedded cluster does not have';
    const way = `apply it to a cluster of its own: edgeplane render --stack ${flags.stack} | kubectl apply -f -`;
    throw usageError(`--stack ${flags.stack}: up deploys stacks of kind local only, ${why}; ${way}`);
  }
  const { of, outcome } = await compileInput({ stack: flags.stack, file: flags.file, edge: flags.edge }, io, true);
  if (!outcome.ok) {
    refuse(of, outcome, io);
    return undefined;
  }
  const unknown = unknownImages(outcome.groups.flatMap((group) => group.objects));
  if (unknown.length > 0) throw new ExitError(unknown.join('\n'), exitCodes.problems);
  return { compiled: outcome, callers };
}

function report(result: DeployResult, cluster: RunningCluster, flags: UpFlags, around: LocalSurroundings): void {
  const { address, probes, results } = result;
  const rows = resultRows(address, results).map((row) => ({ ...row }));
  process.stdout.write(flags.format === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : formatTable(rows));
  const { kubeconfig } = cluster.paths;
  const deployed = { address, kubeconfig, kubectl: cluster.tools.kubectl, probes, flags: inputFlags(flags) };
  around.say(`\n${nextSteps(deployed).join('\n')}`);
  if (results.some((one) => wrongs(one).length > 0)) {
    around.say('\nsome routes do not answer as they are meant to; see RESULT above');
    process.exitCode = exitCodes.problems;
  }
}

/** The flags by which another verb finds what was deployed. */
function inputFlags({ stack, edge }: UpFlags): readonly string[] {
  return [...(stack === defaultStack ? [] : ['--stack', stack]), ...(edge === undefined ? [] : ['--edge', edge])];
}

async function runEmbedded(flags: UpFlags, around: LocalSurroundings): Promise<void> {
  const shape = await wantedShape(flags, around);
  await assertPossible(shape, flags.install, around.env);
  const deployment = flags.apps ? await compileApps(flags) : undefined;
  if (flags.apps && deployment === undefined) {
    process.exitCode = exitCodes.problems;
    return;
  }
  const cluster = await startEmbedded(shape, flags, around);
  if (deployment !== undefined) report(await deploy(deployment, cluster, around), cluster, flags, around);
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
      await takeExisting(choice.context, access, around);
      if (flags.apps)
        around.say('apps are deployed to the embedded cluster alone; here: edgeplane render | kubectl apply -f -');
      return;
    case 'embedded':
      around.say(choice.why);
      return runEmbedded(flags, around);
    default:
      return choice satisfies never;
  }
}

const words = `
Takes the cluster of --context; else a running kind or k3d cluster made from local/kind.yaml or local/k3d.yaml; else
starts the embedded one: a control plane and nodes in network namespaces of this machine. Needs Linux, root and Go.
Missing Debian packages are installed first, unless --no-install is given.
Then deploys the apps of the stack local and those of -f, waits until they are ready, and tries every route with and
without credentials. Apps of a former call that are no longer named are removed.
Safe to repeat: what runs is kept, what has died is started again, and an interrupted start goes on.
Exit code 1 when a definition has a problem or a route does not answer as it is meant to.

Examples:
  edgeplane up
  edgeplane up -f my-app.yaml
  edgeplane up --no-apps
  edgeplane up --context kind-edgeplane`;

const addedFile = (file: string, files: readonly string[] = []) => [...files, file];

/** Starts the local cluster, or mends what is broken of it, deploys the apps to it and tries their routes. */
export function define(command: Command): Command {
  return command
    .option('--context <name>', 'take this cluster of the kubeconfig instead of starting one')
    .option('--name <name>', 'name of the embedded cluster; several run side by side', defaultShape.name)
    .option('--edges <count>', 'edge nodes of a new embedded cluster (default: 2)', count)
    .option('--workers <count>', 'worker nodes of a new embedded cluster (default: 2)', count)
    .option('--no-install', 'name missing Debian packages and stop, instead of installing them')
    .option('--no-apps', 'the cluster alone, without apps')
    .option('--stack <name>', 'environment whose apps are deployed, one of kind local', defaultStack)
    .addOption(new Option('--edge <name>', 'serve with this edge, not the environment’s').choices([...edgeNames]))
    .option('-f, --file <path>', 'App definitions as YAML beside those of the stack; may be repeated', addedFile)
    .addOption(new Option('--format <format>', 'how the table is written').choices(['text', 'json']).default('text'))
    .addHelpText('after', words)
    .action((flags: UpFlags) => withSurroundings((around) => run(flags, around)));
}
