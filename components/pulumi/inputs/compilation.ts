import { all, type Output, output, unsecret } from '@pulumi/pulumi';
import { type CompileOutcome, compile } from '../../compile/compile.ts';
import type { KubeObject, ObjectGroup } from '../../compile/output.ts';
import type { Plan } from '../../compile/plan.ts';
import type { Transform } from '../../compile/transform.ts';
import { formatPath, type Path } from '../../model/path.ts';
import type { Problem } from '../../model/problem.ts';
import { problemsError } from '../problems.ts';
import { differingLeaves, identities, valueAt } from './differences.ts';
import { type FoundInputs, findInputs, type PendingInput, type StandInVariant, withValues } from './input-places.ts';

/** An environment and its definitions, in which some leaves may be Outputs. */
export interface Source {
  readonly environment: unknown;
  readonly definitions: readonly unknown[];
  /** The day expiries are judged by, YYYY-MM-DD. */
  readonly today: string;
  /** By `namespace/app`. */
  readonly transforms?: ReadonlyMap<string, Transform>;
}

export interface Compilation {
  readonly plan: Plan;
  /** Objects as the compiler made them; leaves that depend on Outputs are Outputs. */
  readonly groups: readonly ObjectGroup[];
}

type Compiled = Extract<CompileOutcome, { readonly ok: true }>;

/**
 * Compiles with stand-ins where values are known only later, and puts Outputs where the objects depend on them. Once a
 * value is known it is held against its leaf's grammar, everything is compiled again, and the set of objects must be
 * the same; nothing that depends on it resolves before. A preview therefore shows the real objects.
 * @throws RunError with all problems.
 */
export function compileSource(source: Source): Compilation {
  const found = inputsOf(source);
  if (found.problems.length > 0) throw problemsError(found.problems);
  const standIns = (other?: number) => found.pending.map((_, index) => standIn(source, found, index, other));
  const base = compiled(source, found, standIns());
  if (found.pending.length === 0) return base;
  const variants = found.pending.map((_, index) => sameSet(found, base, compiled(source, found, standIns(index))));
  const settle = settler(source, found, base);
  const groups = base.groups.map((group, at): ObjectGroup => {
    const objects = group.objects.map((object, index): KubeObject => {
      const dependents = dependentLeaves(object, at, index, variants);
      return withValues(
        object,
        [...dependents.values()].map(({ path, on }) => {
          const value = settle(on, (result) => valueAt(result.groups[at]?.objects[index], path));
          return { path, value };
        }),
      ) as KubeObject;
    });
    return { ...group, objects };
  });
  return { plan: base.plan, groups };
}

function inputsOf({ environment, definitions }: Source): FoundInputs {
  const found = [
    findInputs(environment, subjectOf('environment', environment), 'environment'),
    ...definitions.map((definition) => findInputs(definition, subjectOf('app', definition), 'definition')),
  ];
  return {
    pending: found.flatMap(({ pending }) => pending),
    problems: found.flatMap(({ problems }) => problems),
  };
}

function subjectOf(noun: string, value: unknown): string {
  const { name, namespace } = (value ?? {}) as { readonly name?: unknown; readonly namespace?: unknown };
  const words = [namespace, name].filter((part) => typeof part === 'string');
  return `${noun} ${words.join('/')}`.trim();
}

/** A stand-in host lies in a domain of the environment, or it would be refused for that. */
function standIn({ environment }: Source, found: FoundInputs, index: number, other: number | undefined): unknown {
  const { domains } = environment as { readonly domains?: readonly string[] };
  const domain = (domains?.[0] ?? 'pending.invalid').replace(/^\*\./, '');
  const variant: StandInVariant = index === other ? 'b' : 'a';
  return found.pending[index]?.grammar.standIn(index, variant, domain);
}

function compiled(source: Source, found: FoundInputs, values: readonly unknown[]): Compiled {
  const outcome = compile(filledIn(source, found, values));
  if (!outcome.ok) throw problemsError(outcome.problems, outcome.losses);
  return outcome;
}

function filledIn(source: Source, { pending }: FoundInputs, values: readonly unknown[]) {
  const place = (subjects: unknown, subject: string) =>
    withValues(
      subjects,
      pending.flatMap((one, index) => (one.subject === subject ? [{ path: one.path, value: values[index] }] : [])),
    );
  return {
    environment: place(source.environment, subjectOf('environment', source.environment)),
    definitions: source.definitions.map((input) => ({ input: place(input, subjectOf('app', input)) })),
    today: source.today,
    ...(source.transforms === undefined ? {} : { transforms: source.transforms }),
  };
}

interface Dependent {
  readonly path: Path;
  /** Indices of the inputs it depends on. */
  readonly on: ReadonlySet<number>;
}

/** Which leaves of an object change with which input. */
function dependentLeaves(
  object: KubeObject,
  group: number,
  index: number,
  variants: readonly Compiled[],
): ReadonlyMap<string, Dependent> {
  const dependents = new Map<string, { path: Path; on: Set<number> }>();
  for (const [input, variant] of variants.entries()) {
    const other = variant.groups[group]?.objects[index];
    const leaves = differingLeaves(object, other);
    if (leaves === null) throw problemsError([otherObjects(`${object.kind} ${object.metadata.name}`)]);
    for (const path of leaves) {
      const key = formatPath(path);
      const known = dependents.get(key);
      if (known === undefined) dependents.set(key, { path, on: new Set([input]) });
      else known.on.add(input);
    }
  }
  return dependents;
}

function otherObjects(object: string): Problem {
  return {
    code: 'input-shape',
    at: { subject: object, path: '' },
    found: 'a value known only later that decides which objects there are, or how they are named',
    expected: 'a value that is a leaf of objects which stay the same',
    fix: 'Give the route a name, or write the value itself.',
  };
}

type Settle = (on: ReadonlySet<number>, pick: (result: Compiled) => unknown) => Output<unknown>;

/** A leaf is secret when a value it depends on is; of the others it learns only that they were checked. */
function settler(source: Source, found: FoundInputs, base: Compiled): Settle {
  const known = new Map<string, Compiled>();
  const compileKnown = (values: readonly unknown[]): Compiled => {
    const key = JSON.stringify(values);
    const result = known.get(key) ?? checked(source, found, base, values);
    known.set(key, result);
    return result;
  };
  return (on, pick) => {
    const values = found.pending.map(({ input }, index) =>
      on.has(index) ? output<unknown>(input) : unsecret(output<unknown>(input)),
    );
    return all(values).apply((later) => pick(compileKnown(later)));
  };
}

function checked(source: Source, found: FoundInputs, base: Compiled, values: readonly unknown[]): Compiled {
  const faults = found.pending.flatMap((pending, index) => faultOf(pending, values[index]));
  if (faults.length > 0) throw problemsError(faults);
  return sameSet(found, base, compiled(source, found, values));
}

/** @throws RunError when the one has other objects than the other. */
function sameSet({ pending }: FoundInputs, base: Compiled, other: Compiled): Compiled {
  const [before, after] = [base, other].map(({ groups }) => identities(groups.flatMap(({ objects }) => objects)));
  if (before === after) return other;
  throw problemsError([otherObjects([...new Set(pending.map(({ subject }) => subject))].join(', '))]);
}

/** Never shows the value: it may be a secret. */
function faultOf({ subject, path, grammar }: PendingInput, value: unknown): readonly Problem[] {
  const expected = grammar.fault(value);
  if (expected === undefined) return [];
  return [
    {
      code: 'input-value',
      at: { subject, path: formatPath(path) },
      found: `a value that is no ${grammar.noun}`,
      expected,
      fix: 'Correct what the value comes from.',
    },
  ];
}
