import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bringImages } from '../cli/deploy/images.ts';
import { compile } from '../components/compile/compile.ts';
import { down, type RunningCluster, type Surroundings, up } from '../local/life.ts';
import { prepare } from '../local/prepare.ts';
import { createProgress } from '../local/progress.ts';
import { shapeOf } from '../local/topology.ts';
import { apps, environment } from '../stacks/local.ts';
import { onPath, pluginPath, runPulumi } from './test-pulumi/cli.ts';
import { stageProject } from './test-pulumi/project.ts';
import { type Bench, steps } from './test-pulumi/steps.ts';

/**
 * `npm run test:pulumi`: the whole life of the local stacks by the real CLI against a cluster of its own, with state in
 * a temporary folder. Exit codes: 0 all steps done, 1 one failed, 3 the CLI or a plugin is not there, 130 interrupted.
 */
const clusterName = 'pulumi';
const notThere = 3;
const interrupted = 130;
const write = (text: string) => void process.stderr.write(text);

/** Words for what is not installed; empty when all is there. */
function missing(): string {
  if (onPath('pulumi', process.env.PATH ?? '') === undefined) {
    return 'pulumi: not found on PATH. Install the Pulumi CLI and its plugins as docs/pulumi.md says, then run this again.';
  }
  const plugins = pluginPath(process.env, pluginVersions()).missing;
  if (plugins.length === 0) return '';
  const names = plugins.map((name) => `pulumi-resource-${name}`).join(', ');
  return `${names}: not found on PATH nor among the installed plugins. Install them as docs/pulumi.md says, then run this again.`;
}

/** The versions of the packages, which want plugins of the same. */
function pluginVersions(): Readonly<Record<string, string>> {
  return { kubernetes: packageVersion('@pulumi/kubernetes'), random: packageVersion('@pulumi/random') };
}

const packageVersion = (name: string) =>
  (JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')) as { readonly version: string }).version;

async function makeCluster(around: Surroundings): Promise<RunningCluster> {
  // Beside the CLI nothing is asked for: what else the cluster needs is installed, as under CI.
  const installing = { ...around, env: { ...around.env, CI: 'true' } };
  const cluster = await up(await prepare(shapeOf(clusterName, 2, 2), installing), around);
  const today = new Date().toISOString().slice(0, 10);
  const compiled = compile({ environment, definitions: apps.map((input) => ({ input })), today });
  if (!compiled.ok) throw new Error('the stack local has problems: npm run edgeplane -- check --stack local');
  const objects = compiled.groups.flatMap((group) => group.objects);
  await bringImages(objects, cluster, around);
  return cluster;
}

/** What the CLI is told by variables is ours alone: those of the caller may name another backend or forbid plugins on PATH. */
function variables(folder: string, kubeconfig: string): Readonly<Record<string, string | undefined>> {
  const state = join(folder, 'state');
  const home = join(folder, 'home');
  for (const path of [state, home]) mkdirSync(path, { recursive: true });
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PULUMI_'))),
    PATH: pluginPath(process.env, pluginVersions()).path,
    KUBECONFIG: kubeconfig,
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: 'of a test whose state is thrown away',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    // What is missing is told at once, and not sought for where nothing can be fetched.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
  };
}

async function main(): Promise<number> {
  const words = missing();
  if (words !== '') {
    write(`${words}\n`);
    return notThere;
  }
  const checkout = dirname(__dirname);
  const folder = mkdtempSync(join(tmpdir(), 'edgeplane-pulumi-'));
  const controller = new AbortController();
  const interrupt = () => controller.abort(new Error('interrupted'));
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const progress = createProgress({ isTTY: process.stderr.isTTY === true, write });
  const around: Surroundings = { env: process.env, projectRoot: checkout, progress, signal: controller.signal };
  try {
    await runSteps(checkout, folder, around);
    return 0;
  } catch (error) {
    write(`\nfailed: ${error instanceof Error ? error.message : String(error)}\n`);
    return controller.signal.aborted ? interrupted : 1;
  } finally {
    await down(clusterName, around);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runSteps(checkout: string, folder: string, around: Surroundings): Promise<void> {
  // What a run that was killed left would be found in the way.
  await down(clusterName, around);
  const cluster = await makeCluster(around);
  const project = join(folder, 'project');
  stageProject(checkout, project);
  const { signal } = around;
  const cli = { project, env: variables(folder, cluster.paths.kubeconfig), write, signal };
  const bench: Bench = { cli, cluster, context: `edgeplane-${clusterName}` };
  await runPulumi(cli, ['version']);
  for (const [name, step] of steps) {
    signal.throwIfAborted();
    write(`\n== ${name}\n`);
    await step(bench);
  }
  write(`\n${steps.length} steps done\n`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
