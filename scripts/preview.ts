import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { type Graph, type GraphResource, previewStack } from '../components/pulumi/preview.ts';
import { stacks } from '../stacks/stacks.ts';
import { endWith } from './end-with.ts';

/**
 * `npm run preview [-- STACK] [--values]`: the resource tree of a stack as `pulumi preview` would ask for it, without
 * the CLI, a cluster or a cloud. Exit codes: 0 shown, 1 problems, 2 wrong usage.
 */
const usage = 'usage: npm run preview [-- STACK] [--values]';

/** The configuration file of a stack, as Pulumi hands it over; nothing where there is none. */
function configOf(stack: string): Readonly<Record<string, string>> {
  const path = join(dirname(__dirname), `Pulumi.${stack}.yaml`);
  if (!existsSync(path)) return {};
  const file = (parse(readFileSync(path, 'utf8')) ?? {}) as { readonly config?: Readonly<Record<string, unknown>> };
  const texts = Object.entries(file.config ?? {}).map(([key, value]): [string, string] => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(texts);
}

/** What the platform of an environment would have left for the stacks of its apps. */
async function platformOf(stack: string): Promise<Readonly<Record<string, unknown>>> {
  const environment = Object.keys(stacks).find((name) => stack.startsWith(`${name}-`));
  if (environment === undefined || Object.hasOwn(stacks, stack)) return {};
  const data = await stacks[environment]?.();
  const connection = { kubeconfig: null, context: environment, identifier: environment };
  return { edge: data?.environment.edge, cluster: connection };
}

/** The tree as text, two spaces a level; options that matter stand behind the name. */
function treeOf({ resources, outputs }: Graph, values: boolean): string {
  const branch = (parent: string, level: number): readonly string[] =>
    resources
      .filter((resource) => resource.parent === parent)
      .toSorted((a, b) => (a.urn < b.urn ? -1 : 1))
      .flatMap((resource) => [...lines(resource, level, values), ...branch(resource.urn, level + 1)]);
  const shown = Object.entries(outputs).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`);
  return [...branch('', 0), `${resources.length} resources`, 'outputs', ...shown, ''].join('\n');
}

function lines(resource: GraphResource, level: number, values: boolean): readonly string[] {
  const { type, name, protect, retainOnDelete, ignoreChanges, inputs } = resource;
  const marks = [
    ...(protect ? ['protected'] : []),
    ...(retainOnDelete ? ['retained on delete'] : []),
    ...ignoreChanges.map((field) => `ignores ${field}`),
  ];
  const indent = '  '.repeat(level);
  const head = `${indent}${type} ${name}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`;
  if (!values || type.endsWith(':CustomResourceDefinition')) return [head];
  const text = JSON.stringify(inputs, null, 2).split('\n');
  return [head, ...text.map((line) => `${indent}  ${line}`)];
}

async function main(args: readonly string[]): Promise<number> {
  const flags = args.filter((arg) => arg.startsWith('-'));
  const [stack = 'local', ...more] = args.filter((arg) => !arg.startsWith('-'));
  if (more.length > 0 || flags.some((flag) => flag !== '--values')) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const today = new Date().toISOString().slice(0, 10);
  const run = { stack, environments: stacks, config: configOf(stack), today };
  const graph = await previewStack(run, { preview: true, platform: await platformOf(stack) });
  process.stdout.write(treeOf(graph, flags.includes('--values')));
  return 0;
}

endWith(main(process.argv.slice(2)));
