import { all, type Output, output, unsecret } from '@pulumi/pulumi';
import { type CompileOutcome, compile } from '../../compile/compile.ts';
import { shortHash } from '../../compile/names.ts';
import type { KubeObject, ObjectGroup } from '../../compile/output.ts';
import type { Plan } from '../../compile/plan.ts';
import type { Transform } from '../../compile/transform.ts';
import { formatPath, type Path } from '../../model/path.ts';
import type { Problem } from '../../model/problem.ts';
import { problemsError } from '../problems.ts';
import { byIdentity, differingLeaves, valueAt } from './differences.ts';
import { type FoundInputs, findInputs, type PendingInput, withValues } from './input-places.ts';

/** An environment and its definitions, in which some leaves may be Outputs. */
export interface Source {
  readonly environment: unknown;
  readonly definitions: readonly unknown[];
  /** The day expiries are judged by, YYYY-MM-DD. */
  readonly today: string;
  /** By `namespace/app`. */
  readonly transforms?: ReadonlyMap<string, Transform>;
}

/** Objects by what stays of them when values change. */
type Objects = ReadonlyMap<string, KubeObject>;

export interface Compilation {
  readonly plan: Plan;
  /** Objects as the compiler made them, with stand-ins for values that are known only later. */
  readonly groups: readonly ObjectGroup[];
  /** What stands in their leaves in truth, by object of `groups`. */
  readonly later: ReadonlyMap<KubeObject, readonly LaterLeaf[]>;
  /**
   * The objects with values in place of the stand-ins, in the order in which they stand in the source; what each
   * Output of `later` resolves from. @throws RunError for a value that does not fit its leaf, and for all problems
   * that only the real values have.
   */
  readonly known: (values: readonly unknown[]) => Objects;
}

/** A leaf of an object whose value is known only later. */
export interface LaterLeaf {
  readonly path: Path;
  readonly value: Output<unknown>;
}

type Compiled = Extract<CompileOutcome, { readonly ok: true }>;

/**
 * Compiles with stand-ins where values are known only later, and finds the leaves that depend on them. Once a value is
 * known it is held against its leaf's grammar, everything is compiled again, and the set of objects must be the same;
 * nothing that depends on it resolves before. A preview therefore shows the real objects.
 * @throws RunError with all problems.
 */
export function compileSource(source: Source): Compilation {
  const found = inputsOf(source);
  if (found.problems.length > 0) throw problemsError(found.problems);
  const standIns = (other?: number) => found.pending.map((pending, index) => standIn(source, pending, index === other));
  const { plan, groups } = compiled(source, found, standIns());
  const base = objectsOf(found, groups);
  if (found.pending.length === 0) return { plan, groups, later: new Map(), known: () => base };
  const compileSame = (values: readonly unknown[]) => sameSet(found, base, compiled(source, found, values).groups);
  const variants = found.pending.map((_, index) => compileSame(standIns(index)));
  const known = knownObjects(found, compileSame);
  const settle = settler(found, known);
  const leaves = [...base].map(([identity, object]): [KubeObject, LaterLeaf[]] => {
    const dependents = dependentLeaves(object, identity, variants);
    const leaf = ({ path, on }: Dependent) => ({ path, value: settle(on, (all) => valueAt(all.get(identity), path)) });
    return [object, [...dependents.values()].map(leaf)];
  });
  return { plan, groups, later: new Map(leaves.filter(([, own]) => own.length > 0)), known };
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
function standIn({ environment }: Source, { subject, path, grammar }: PendingInput, other: boolean): string {
  const { domains } = environment as { readonly domains?: readonly string[] };
  const domain = (domains?.[0] ?? 'pending.invalid').replace(/^\*\./, '');
  // Shorter than the hashes in names, which say what an object is.
  const id = shortHash(`${subject}\0${formatPath(path)}`).slice(0, 8);
  return grammar.standIn(id, other ? 'b' : 'a', domain);
}

function compiled(source: Source, found: FoundInputs, values: readonly unknown[]): Compiled {
  const outcome = compile(filledIn(source, found, values));
  if (!outcome.ok) throw problemsError(outcome.problems, outcome.losses);
  // A group makes its objects anew each time it is asked; here they are told apart by identity.
  const groups = outcome.groups.map(({ kind, name, objects }) => ({ kind, name, objects: [...objects] }));
  return { ...outcome, groups };
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
  identity: string,
  variants: readonly Objects[],
): ReadonlyMap<string, Dependent> {
  const dependents = new Map<string, { path: Path; on: Set<number> }>();
  for (const [input, variant] of variants.entries()) {
    const leaves = differingLeaves(object, variant.get(identity));
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

type Settle = (on: ReadonlySet<number>, pick: (objects: Objects) => unknown) => Output<unknown>;

/** A leaf is secret when a value it depends on is; of the others it learns only that they were checked. */
function settler(found: FoundInputs, known: Compilation['known']): Settle {
  return (on, pick) => {
    const values = found.pending.map(({ input }, index) =>
      on.has(index) ? output<unknown>(input) : unsecret(output<unknown>(input)),
    );
    return all(values).apply((later) => pick(known(later)));
  };
}

/** Compiled once for the same values, however many leaves ask. */
function knownObjects(found: FoundInputs, compileSame: Compilation['known']): Compilation['known'] {
  const results = new Map<string, Objects>();
  return (values) => {
    const key = JSON.stringify(values);
    const result = results.get(key);
    if (result !== undefined) return result;
    const faults = found.pending.flatMap((pending, index) => faultOf(pending, values[index]));
    if (faults.length > 0) throw problemsError(faults);
    const objects = compileSame(values);
    results.set(key, objects);
    return objects;
  };
}

function objectsOf(found: FoundInputs, groups: readonly ObjectGroup[]): Objects {
  const objects = byIdentity(groups.flatMap((group) => group.objects));
  if (objects === null && found.pending.length === 0) return new Map();
  if (objects === null) throw problemsError([otherObjects(subjectsOf(found))]);
  return objects;
}

/** @throws RunError when there are other objects than those known. */
function sameSet(found: FoundInputs, base: Objects, groups: readonly ObjectGroup[]): Objects {
  const objects = objectsOf(found, groups);
  if (objects.size === base.size && [...base.keys()].every((identity) => objects.has(identity))) return objects;
  throw problemsError([otherObjects(subjectsOf(found))]);
}

const subjectsOf = ({ pending }: FoundInputs) => [...new Set(pending.map(({ subject }) => subject))].join(', ');

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
