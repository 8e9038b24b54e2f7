import { type CompileOutcome, compile } from '../compile/compile.ts';
import type { Plan } from '../compile/plan.ts';
import type { Definition } from '../model/define.ts';
import type { Problem, Result } from '../model/problem.ts';
import type { Environment } from '../model/schema/environment.ts';
import { bringsApp, type StackPart } from '../model/stack-part.ts';
import { type ConfigurableStack, configured } from '../model/stack-settings.ts';
import { edgeContractProblems } from './cluster/edge-contract.ts';
import { gkeProblems, gkeSpec } from './cluster/gke-spec.ts';
import { parseStackConfig, type StackConfig } from './stack-config.ts';

/** An environment and its apps, as `stacks/` has them. */
export type StackData = ConfigurableStack;

/** Everything that is known before the first resource, and free of problems. */
export interface StackInput {
  readonly environment: Environment;
  readonly config: StackConfig;
  readonly plan: Plan;
  /** Definitions of all apps of the environment: conflicts are only seen over all. */
  readonly definitions: readonly Definition[];
  /** Those that this stack brings. */
  readonly own: readonly Definition[];
}

export interface StackQuestion {
  readonly data: StackData;
  readonly part: StackPart;
  /** Configuration as Pulumi hands it over. */
  readonly config: Readonly<Record<string, string>>;
  /** The day expiries are judged by, YYYY-MM-DD. */
  readonly today: string;
}

/** Every problem of configuration, definitions and cluster at once; nothing is registered while one stands. */
export function stackInput({ data, part, config, today }: StackQuestion): Result<StackInput> {
  const { apps, ownStacks = [] } = data;
  const parsed = parseStackConfig(data.environment.name, part.kind === 'platform' ? config : withCluster(config));
  const settled = configured(data, parsed.ok ? [{ part, ...parsed.value }] : []);
  const environment = settled.ok ? settled.value : data.environment;
  const outcome = compile({ environment, definitions: apps.map((input) => ({ input })), today });
  const problems = [
    ...(parsed.ok ? [] : parsed.problems),
    ...(settled.ok ? [] : settled.problems),
    ...(outcome.ok ? [] : [...outcome.problems, ...outcome.losses.map(asProblem)]),
    ...(parsed.ok && outcome.ok ? clusterProblems(parsed.value, outcome) : []),
    ...ownStackProblems(data, ownStacks, part),
  ];
  if (!parsed.ok || !outcome.ok || problems.length > 0) return { ok: false, problems };
  const own = apps.filter(({ name }) => bringsApp(part, name, ownStacks));
  return { ok: true, value: { environment, config: parsed.value, plan: outcome.plan, definitions: apps, own } };
}

/** The stacks of apps take the cluster from the platform's outputs, whatever their own configuration says. */
function withCluster(config: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { ...config, 'edgeplane:cluster': '{"existing":{}}' };
}

function asProblem({ name, at, asked, instead, fix }: Extract<CompileOutcome, { ok: false }>['losses'][number]) {
  return { code: 'loss', at, found: asked, expected: `what this edge can keep (${name}); it would ${instead}`, fix };
}

function clusterProblems(
  { cluster }: StackConfig,
  { plan, groups }: Extract<CompileOutcome, { readonly ok: true }>,
): readonly Problem[] {
  if (!('gke' in cluster)) return [];
  const platform = groups.flatMap((group) => (group.kind === 'platform' ? group.objects : []));
  return [
    ...gkeProblems(cluster.gke, plan.environment),
    ...edgeContractProblems(gkeSpec(cluster.gke, plan.environment), platform),
  ];
}

function ownStackProblems(
  { apps, environment }: StackData,
  ownStacks: readonly string[],
  part: StackPart,
): readonly Problem[] {
  const names = apps.map(({ name }) => name);
  const unknown = ownStacks.filter((name) => !names.includes(name) || name === 'apps');
  const problems: Problem[] = unknown.map((name) => ({
    code: 'unknown-app',
    at: { subject: `stack ${environment.name}`, path: 'ownStacks' },
    found: JSON.stringify(name),
    expected: `an app of this environment: ${names.join(', ')}`,
    fix: 'Correct the name.',
  }));
  if (part.kind !== 'app' || ownStacks.includes(part.app)) return problems;
  return [
    ...problems,
    {
      code: 'unknown-stack',
      at: { subject: `stack ${environment.name}-${part.app}`, path: '' },
      found: `an app that has no stack of its own`,
      expected: ownStacks.length === 0 ? 'no stack of an app here' : `one of ${ownStacks.join(', ')}`,
      fix: `Name it under ownStacks in stacks/, or select ${environment.name}-apps. Two stacks must never bring one app.`,
    },
  ];
}
