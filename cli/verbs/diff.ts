import type { Command } from 'commander';
import { objectsOf } from '../../components/compile/groups.ts';
import { readKinds } from '../cluster-objects.ts';
import { type Difference, differences, type Tree } from '../diff/difference.ts';
import { type LiveDifference, liveDifferences } from '../diff/live.ts';
import { planTree } from '../diff/plan-tree.ts';
import { refuse } from '../findings.ts';
import { type CompiledInput, compileInput, inputOptions } from '../input.ts';
import { type Io, usageError } from '../io.ts';
import { formatTable } from '../table.ts';
import { addVerb, type Flags, type Verb } from '../verb.ts';

const [stackOption, ...otherOptions] = inputOptions;

/** How two environments differ, or an environment and a cluster: by meaning, not by text. */
export const verb: Verb = {
  operands: [],
  options: [
    {
      flags: '--stack <name>',
      description: `${stackOption?.description ?? ''}; two of them, or one with --context`,
      repeatable: true,
    },
    ...otherOptions,
    { flags: '--context <name>', description: 'compare with the cluster of this kubectl context' },
    { flags: '--format <format>', description: 'how they are written', choices: ['text', 'json'], fallback: 'text' },
  ],
  examples: [
    'edgeplane diff --stack staging --stack production',
    'edgeplane diff --stack production --context production',
  ],
  run: async (_operands, flags, io) => {
    const stacks = Array.isArray(flags.stack) ? (flags.stack as readonly string[]) : [];
    const [left, right] = stacks;
    if (typeof flags.context === 'string' && left !== undefined && right === undefined)
      return diffWithCluster(left, flags.context, flags, io);
    if (left !== undefined && right !== undefined && stacks.length === 2 && flags.context === undefined)
      return diffStacks([left, right], flags, io);
    throw usageError('diff takes --stack twice, or --stack once and --context');
  },
};

async function diffStacks(names: readonly [string, string], flags: Flags, io: Io): Promise<0 | 1> {
  const [left, right] = [await compiled(names[0], flags, io), await compiled(names[1], flags, io)];
  let refused = false;
  for (const { of, outcome } of new Set([left, right])) if (!outcome.ok) refused = refuse(of, outcome, io) === 1;
  if (refused || !left.outcome.ok || !right.outcome.ok) return 1;
  const found = differences(planTree(left.outcome.plan), planTree(right.outcome.plan));
  const rows = found.map((each) => ({
    where: place(each),
    [names[0]]: words(each.left),
    [names[1]]: words(each.right),
  }));
  io.out(flags.format === 'json' ? json(found.map((each) => ({ ...each, path: place(each) }))) : formatTable(rows));
  return tell(`${left.of} and ${right.of}`, found.length, io);
}

async function diffWithCluster(stack: string, context: string, flags: Flags, io: Io): Promise<0 | 1> {
  const { of, outcome } = await compiled(stack, flags, io);
  if (!outcome.ok) return refuse(of, outcome, io);
  const wanted = [...objectsOf(outcome.groups)];
  const kinds = new Set(wanted.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`));
  const found = liveDifferences(wanted, await readKinds(context, kinds, io), outcome.plan.environment.name);
  io.out(flags.format === 'json' ? json(found.map(liveData)) : formatTable(found.flatMap(liveRows)));
  return tell(`${of} and the cluster of context ${context}`, found.length, io);
}

function compiled(stack: string, flags: Flags, io: Io): Promise<CompiledInput> {
  return compileInput({ ...flags, stack }, io);
}

/** As diff(1): what is equal is fine, what differs is a finding. */
function tell(sides: string, count: number, io: Io): 0 | 1 {
  io.words(`${sides}: ${count === 0 ? 'no difference' : count === 1 ? '1 difference' : `${count} differences`}\n`);
  return count === 0 ? 0 : 1;
}

function place({ path }: Difference): string {
  return path
    .map((step, index) => (/^[\w-]+$/.test(step) ? `${index === 0 ? '' : '.'}${step}` : `["${step}"]`))
    .join('');
}

const longestWords = 60;

function words(tree: Tree | undefined): string {
  if (tree === undefined) return '(none)';
  const text = typeof tree === 'string' ? tree.replaceAll('\n', '\\n') : JSON.stringify(tree);
  return text.length > longestWords ? `${text.slice(0, longestWords - 1)}…` : text;
}

function liveRows({
  object,
  verdict,
  differences: found,
}: LiveDifference): readonly Readonly<Record<string, string>>[] {
  if (found.length === 0) return [{ object, where: `(${verdict})`, wanted: '', found: '' }];
  return found.map((each) => ({ object, where: place(each), wanted: words(each.left), found: words(each.right) }));
}

function liveData({ object, verdict, differences: found }: LiveDifference) {
  return {
    object,
    verdict,
    differences: found.map((each) => ({ path: place(each), wanted: each.left, found: each.right })),
  };
}

function json(data: unknown): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}

export function define(command: Command): Command {
  return addVerb(command, verb);
}
