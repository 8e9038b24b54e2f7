import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { run } from '../../local/command.ts';
import type { RunningCluster } from '../../local/life.ts';
import { type CliPlace, type CliResult, runPulumi } from './cli.ts';

/** Where the steps are done. */
export interface Bench {
  readonly cli: CliPlace;
  readonly cluster: Pick<RunningCluster, 'paths' | 'tools'>;
  /** Context of the cluster in its kubeconfig. */
  readonly context: string;
}

/** A step that did not do what it must. */
class StepFailed extends Error {}

const platform = 'local';
const apps = 'local-apps';
/** An app with a stack of its own: `ownStacks` of stacks/local.ts. */
const alone = 'local-reports';
const stacks = [platform, apps, alone] as const;
const routed = 'whoami.edgeplane.test';

/** What compiles and is against policy: a URL with a password, in a variable whose name says nothing of it. */
export const violation = {
  whoami: { replicas: 3, env: { NAME: 'whoami', DATABASE: 'postgres://shop:in-plain-sight@db.example.org/shop' } },
} as const;

/** A whole life of the stacks of environment `local`, in order; each step says its name before it begins. */
export const steps: readonly (readonly [string, (bench: Bench) => Promise<void>])[] = [
  ['make the stacks', makeStacks],
  ['up: everything is made, policies pass, and a route answers', firstUp],
  ['up again: nothing changes', unchangedUp],
  ['an edit changes one object', edit],
  ['a rotation keeps the previous key', rotate],
  ['a policy violation stops the update', violate],
  ['refresh: nothing is to change after it', refresh],
  ['destroying the stack of one app leaves the others serving', destroyOne],
  ['destroy: nothing is left but the definitions of kinds', destroyAll],
];

async function makeStacks({ cli, context }: Bench): Promise<void> {
  configure(cli, platform, { cluster: { existing: { context } } });
  for (const stack of stacks) await must(cli, ['stack', 'init', stack]);
}

async function firstUp({ cli, cluster }: Bench): Promise<void> {
  for (const stack of stacks) await must(cli, up(stack));
  await answers(cluster, 200);
}

async function unchangedUp({ cli }: Bench): Promise<void> {
  for (const stack of stacks) await must(cli, [...up(stack), '--expect-no-changes']);
}

async function edit({ cli, cluster }: Bench): Promise<void> {
  configure(cli, apps, { overlays: { whoami: { replicas: 3 } } });
  const { text } = await must(cli, up(apps));
  expect(/\b1 updated\b/.test(text), 'an edit of one app must update exactly one resource');
  expect(!/\b[0-9]+ (?:replaced|created|deleted)\b/.test(text), 'an edit of replicas must replace nothing');
  const replicas = await kubectl(cluster, [
    'get',
    'deployment',
    'whoami',
    '-n',
    'apps',
    '-o',
    'jsonpath={.spec.replicas}',
  ]);
  expect(replicas === '3', `the Deployment must have 3 replicas, found ${replicas}`);
}

async function rotate({ cli, cluster, context }: Bench): Promise<void> {
  const key = (name: string) =>
    kubectl(cluster, ['get', 'secret', 'routing', '-n', 'apps', '-o', `jsonpath={.data.${name}}`]);
  const before = await key('api-key');
  configure(cli, platform, { cluster: { existing: { context } }, keyGeneration: 1 });
  await must(cli, up(platform));
  const [current, previous] = [await key('api-key'), await key('api-key-previous')];
  expect(before !== '' && previous === before, 'the former key must be kept as previous');
  expect(current !== '' && current !== before, 'the current key must be a new one');
}

async function violate({ cli, cluster }: Bench): Promise<void> {
  configure(cli, apps, { overlays: violation });
  const { code, text } = await runPulumi(cli, up(apps));
  expect(code !== 0, 'an update with a password in an environment variable must fail');
  expect(text.includes('secret-in-env'), 'the failure must name the policy secret-in-env');
  const env = await kubectl(cluster, [
    'get',
    'deployment',
    'whoami',
    '-n',
    'apps',
    '-o',
    'jsonpath={.spec.template.spec.containers[*].env[*].value}',
  ]);
  expect(!env.includes('postgres'), 'the Deployment must stay as it was');
  configure(cli, apps, { overlays: { whoami: { replicas: 3 } } });
}

/** What controllers and the API server fill in is no change of ours, neither read back nor at the next update. */
async function refresh({ cli }: Bench): Promise<void> {
  for (const stack of stacks) await must(cli, ['refresh', '--stack', stack, '--yes', '--skip-preview']);
  await must(cli, [...up(apps), '--expect-no-changes']);
}

async function destroyOne({ cli, cluster }: Bench): Promise<void> {
  await must(cli, destroy(alone));
  const left = await kubectl(cluster, ['get', 'deployment', '-n', 'apps', '-o', 'name']);
  expect(!left.includes('/reports'), 'the app of the destroyed stack must be gone');
  await answers(cluster, 200);
}

async function destroyAll({ cli, cluster }: Bench): Promise<void> {
  await must(cli, destroy(apps));
  await must(cli, destroy(platform));
  const namespaces = await kubectl(cluster, ['get', 'namespaces', '-o', 'name']);
  expect(!/namespace\/(?:apps|edgeplane-edge)\b/.test(namespaces), `namespaces must be gone, found ${namespaces}`);
  const kinds = await kubectl(cluster, ['get', 'customresourcedefinitions', '-o', 'name']);
  expect(kinds.includes('ingressroutes.traefik.io'), 'definitions of kinds must be retained');
  for (const stack of stacks) await must(cli, ['stack', 'rm', stack, '--yes']);
}

const up = (stack: string): readonly string[] => [
  ...['up', '--stack', stack, '--yes', '--skip-preview', '--suppress-progress'],
  ...['--policy-pack', 'policies'],
];
const destroy = (stack: string): readonly string[] => ['destroy', '--stack', stack, '--yes', '--skip-preview'];

async function must(cli: CliPlace, args: readonly string[]): Promise<CliResult> {
  const result = await runPulumi(cli, args);
  expect(result.code === 0, `pulumi ${args.join(' ')} must succeed, it ended with ${result.code}`);
  return result;
}

function expect(held: boolean, words: string): asserts held {
  if (!held) throw new StepFailed(words);
}

/** Writes the configuration of a stack, and leaves what the CLI keeps beside it. */
function configure({ project }: CliPlace, stack: string, values: Readonly<Record<string, unknown>>): void {
  const file = join(project, `Pulumi.${stack}.yaml`);
  const config = Object.fromEntries(Object.entries(values).map(([key, value]) => [`edgeplane:${key}`, value]));
  writeFileSync(file, stringify({ ...readSettings(file), config }));
}

function readSettings(file: string): Readonly<Record<string, unknown>> {
  try {
    return (parse(readFileSync(file, 'utf8')) ?? {}) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

function kubectl({ tools, paths }: Bench['cluster'], args: readonly string[]): Promise<string> {
  return run(tools.kubectl, [`--kubeconfig=${paths.kubeconfig}`, ...args]);
}

/** Asks the edge for the route until it answers so three times in a row; at most a minute. */
async function answers(cluster: Bench['cluster'], wanted: number): Promise<void> {
  const address = await kubectl(cluster, [
    ...['get', 'service', '-n', 'edgeplane-edge', '-o'],
    'jsonpath={.items[*].status.loadBalancer.ingress[0].ip}',
  ]);
  const [first = ''] = address.split(' ');
  let last: number | string = 'nothing';
  for (let tries = 0, inRow = 0; tries < 60; tries += 1) {
    last = await statusOf(first);
    inRow = last === wanted ? inRow + 1 : 0;
    if (inRow === 3) return;
    await sleep(1_000);
  }
  throw new StepFailed(`http://${routed}/ by ${first} must answer ${wanted}, it answered ${last}`);
}

function statusOf(host: string): Promise<number | string> {
  return new Promise((resolve) => {
    const asked = request({ host, port: 80, path: '/', headers: { Host: routed }, timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer within 5 s')));
    asked.on('error', (error) => resolve(error.message));
    asked.end();
  });
}
