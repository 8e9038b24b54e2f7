import { type CompileOutcome, compileParsed } from '../components/compile/compile.ts';
import { didYouMean } from '../components/compile/resolve/suggestion.ts';
import type { ParsedDefinition, ParsedEnvironment } from '../components/model/definition.ts';
import { parseDefinitions, parseEnvironment } from '../components/model/parse.ts';
import type { Problem, Result } from '../components/model/problem.ts';
import type { Environment } from '../components/model/schema/environment.ts';
import type { Stack } from '../stacks/stack.ts';
import { stacks } from '../stacks/stacks.ts';
import { type Io, usageError } from './io.ts';
import { configuredEnvironment } from './stack-configuration.ts';
import type { Flags, VerbOption } from './verb.ts';

/** The edges that `--edge` takes. */
export const edgeNames = ['traefik', 'gateway', 'nginx', 'pods', 'catalog'] as const;

/** The flags of every verb that reads definitions. */
export const inputOptions: readonly VerbOption[] = [
  { flags: '--stack <name>', description: `environment, one of ${Object.keys(stacks).join(', ')}`, fallback: 'local' },
  { flags: '--edge <name>', description: 'compile for this edge, not the environment’s', choices: edgeNames },
  {
    flags: '-f, --file <path>',
    description: 'App definitions as YAML instead of the stack’s apps; - is standard input; may be repeated',
    repeatable: true,
  },
];

/** What was read and what became of it. */
export interface CompiledInput {
  /** In words: `production on traefik`. */
  readonly of: string;
  readonly outcome: CompileOutcome;
  /** The definitions as written; null when they cannot be read. */
  readonly read: { readonly environment: ParsedEnvironment; readonly definitions: readonly ParsedDefinition[] } | null;
}

/**
 * What the flags of `inputOptions` mean, compiled.
 * @param filesAdd definitions of files stand beside the stack's apps, not in their place. @default false
 */
export async function compileInput(flags: Flags, io: Io, filesAdd = false): Promise<CompiledInput> {
  const stack = await loadStack(String(flags.stack));
  const files = filesOf(flags);
  const own = () => parseDefinitions(stack.apps.map((input) => ({ input })));
  const read = files.length === 0 ? own() : await readFiles(files, io);
  const definitions = filesAdd && files.length > 0 ? both(own(), read) : read;
  return compileOn(stack, definitions, flags, io);
}

/** These definitions, in place of those the flags name, compiled for the environment the flags name. */
export async function compileDefinitions(definitions: Definitions, flags: Flags, io: Io): Promise<CompiledInput> {
  return compileOn(await loadStack(String(flags.stack)), definitions, flags, io);
}

async function compileOn(stack: Stack, definitions: Definitions, flags: Flags, io: Io): Promise<CompiledInput> {
  const edge = typeof flags.edge === 'string' ? flags.edge : stack.environment.edge;
  const settled = await configuredEnvironment(stack, io.configuration);
  const environment = settled.ok ? environmentFor(stack, settled.value, definitions, edge) : settled;
  const of = `${stack.environment.name} on ${edge}`;
  if (environment.ok && definitions.ok) {
    const parsed = { environment: environment.value, definitions: definitions.value };
    return { of, outcome: compileParsed({ ...parsed, today: io.today }), read: parsed };
  }
  const problems = [...problemsOf(environment), ...problemsOf(definitions)];
  return { of, outcome: { ok: false, problems, losses: [] }, read: null };
}

/** The files of `--file`, as given. */
export function filesOf(flags: Flags): readonly string[] {
  return Array.isArray(flags.file) ? (flags.file as readonly string[]) : [];
}

export type Definitions = Result<readonly ParsedDefinition[]>;

function both(own: Definitions, read: Definitions): Definitions {
  if (own.ok && read.ok) return { ok: true, value: [...own.value, ...read.value] };
  return { ok: false, problems: [...problemsOf(own), ...problemsOf(read)] };
}

/** The environment with overlays for what is compiled. Those for other apps of the stack are left out; any other name is still a problem. */
function environmentFor(
  { apps }: Stack,
  environment: Environment,
  definitions: Definitions,
  edge: string,
): Result<ParsedEnvironment> {
  const namesOf = (all: readonly { readonly name: string; readonly namespace?: string | undefined }[]) =>
    new Set(all.flatMap(({ name, namespace = environment.namespace }) => [name, `${namespace}/${name}`]));
  const known = namesOf(apps);
  const compiled = namesOf(definitions.ok ? definitions.value.map(({ value }) => value) : []);
  const kept = (overlays: NonNullable<Environment['overlays']>) =>
    Object.fromEntries(Object.entries(overlays).filter(([name]) => compiled.has(name) || !known.has(name)));
  const { overlays, configuredOverlays, ...fields } = environment;
  return parseEnvironment({
    ...fields,
    edge,
    ...(overlays === undefined ? {} : { overlays: kept(overlays) }),
    ...(configuredOverlays === undefined
      ? {}
      : { configuredOverlays: configuredOverlays.map((layer) => ({ ...layer, overlays: kept(layer.overlays) })) }),
  });
}

/** @throws {ExitError} for a name that is no stack's */
export async function loadStack(name: string): Promise<Stack> {
  const load = Object.hasOwn(stacks, name) ? stacks[name] : undefined;
  if (load !== undefined) return load();
  const names = Object.keys(stacks);
  throw usageError(
    `no stack is named ${JSON.stringify(name)}, stacks are ${names.join(', ')}.${didYouMean(name, names)}`,
  );
}

async function readFiles(files: readonly string[], io: Io): Promise<Result<readonly ParsedDefinition[]>> {
  const texts = await readTexts(files, io);
  const { readYaml } = await import('../components/model/yaml.ts');
  const results = texts.map((text, index) => readYaml(text, fileName(files[index])));
  const problems = results.flatMap(problemsOf);
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: results.flatMap((result) => (result.ok ? result.value : [])) };
}

/** The texts of files, each read once. */
export async function readTexts(files: readonly string[], io: Io): Promise<readonly string[]> {
  if (files.filter((file) => file === '-').length > 1) throw usageError('-f - may be given once');
  const texts: string[] = [];
  for (const file of files) texts.push(await readText(file, io));
  return texts;
}

async function readText(file: string, io: Io): Promise<string> {
  try {
    return await io.read(file);
  } catch (error) {
    throw usageError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A file as findings name it. */
export function fileName(file: string | undefined): string {
  return file === undefined || file === '-' ? '<stdin>' : file;
}

function problemsOf(result: Result<unknown>): readonly Problem[] {
  return result.ok ? [] : result.problems;
}
