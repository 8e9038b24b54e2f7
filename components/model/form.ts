import { distance } from 'fastest-levenshtein';
import { z } from 'zod';
import type { Path } from './path.ts';

/** Looks into the schemas of the form, so that texts about it come from the same source as its checks. */
export type Schema = z.core.$ZodType;

interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly options?: readonly Schema[];
  readonly element?: Schema;
  readonly valueType?: Schema;
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
}

/** zod keeps the parts of a schema under names that its types hide behind generics. */
export function partsOf(schema: Schema): Definition {
  return schema._zod.def as unknown as Definition;
}

/** The schema below `optional`. */
export function required(schema: Schema): Schema {
  const { type, innerType } = partsOf(schema);
  return type === 'optional' && innerType !== undefined ? required(innerType) : schema;
}

export function isOptional(schema: Schema): boolean {
  return partsOf(schema).type === 'optional';
}

/** The branches of a union, nested ones included; a schema that is no union is its only branch. */
export function branches(schema: Schema): readonly Schema[] {
  const inner = required(schema);
  const { options } = partsOf(inner);
  return options === undefined ? [inner] : options.flatMap((option) => branches(option));
}

/** Fields of an object schema; undefined when it is none. */
export function fieldsOf(schema: Schema): Readonly<Record<string, Schema>> | undefined {
  return partsOf(required(schema)).shape;
}

/** Its description, or that of the schema it wraps. */
export function descriptionOf(schema: Schema): string | undefined {
  const own = z.globalRegistry.get(schema)?.description;
  const inner = required(schema);
  return own ?? (inner === schema ? undefined : descriptionOf(inner));
}

/** A value that the schema takes, for texts that show how to write one. */
export function exampleOf(schema: Schema): unknown {
  for (const candidate of [schema, ...branches(schema)]) {
    const [example] =
      (z.globalRegistry.get(candidate) as { examples?: readonly unknown[] } | undefined)?.examples ?? [];
    if (example !== undefined) return example;
  }
  return undefined;
}

/** The schema that stands for a value at a path; in a union the branch its author meant. */
export function schemaAt(root: Schema, path: Path, value: unknown): Schema | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return root;
  const branch = branchMeant(root, value);
  const { shape, element, valueType } = branch === undefined ? {} : partsOf(branch);
  const next = shape !== undefined && Object.hasOwn(shape, step) ? shape[String(step)] : (element ?? valueType);
  return next === undefined ? undefined : schemaAt(next, rest, valueAt(value, [step]));
}

/** The value at a path of plain data. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step) ? Reflect.get(inner, step) : undefined,
    value,
  );
}

/** The branch of a union that a value was meant for, by its kind and its fields; undefined when it fits several or none. */
export function branchMeant(schema: Schema, value: unknown): Schema | undefined {
  const candidates = branches(schema);
  if (candidates.length === 1) return candidates[0];
  const fitting = candidates.filter((candidate) => takesKind(candidate, value));
  if (fitting.length <= 1 || !isObject(value)) return fitting.length === 1 ? fitting[0] : undefined;
  const keys = Object.keys(value);
  return (
    best(fitting, (candidate) => score(candidate, keys)) ?? best(fitting, (candidate) => nearness(candidate, keys))
  );
}

/** Whether a schema is for values of this kind (string, number, list, object …), whatever it asks of them. */
export function takesKind(schema: Schema, value: unknown): boolean {
  const { type, values } = partsOf(schema);
  switch (type) {
    case 'string':
    case 'enum':
      return typeof value === 'string';
    case 'literal':
      return values?.some((literal) => typeof literal === typeof value) === true;
    case 'object':
    case 'record':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    default:
      return typeof value === type;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The known name nearest to a written one, when it is near enough to be a slip. `limit`: edits that still are one. */
export function nearest(
  name: string,
  known: readonly string[],
  limit = Math.min(2, Math.floor(name.length / 3)),
): string | undefined {
  const folded = name.toLowerCase().replace(/[-_ ]/g, '');
  const ranked = known
    .map((candidate) => ({ candidate, away: distance(folded, candidate.toLowerCase()) }))
    .filter(({ away }) => away <= limit)
    .toSorted((a, b) => a.away - b.away);
  return ranked[0]?.candidate;
}

/** A required field names a branch; an optional one only hints at it. */
function score(schema: Schema, keys: readonly string[]): number {
  const shape = fieldsOf(schema) ?? {};
  return keys
    .filter((key) => Object.hasOwn(shape, key))
    .reduce((sum, key) => sum + (isOptional(shape[key] as Schema) ? 1 : 10), 0);
}

function nearness(schema: Schema, keys: readonly string[]): number {
  const known = Object.keys(fieldsOf(schema) ?? {});
  return keys.filter((key) => nearest(key, known) !== undefined).length;
}

function best(candidates: readonly Schema[], value: (candidate: Schema) => number): Schema | undefined {
  const top = Math.max(...candidates.map(value));
  const leaders = candidates.filter((candidate) => value(candidate) === top);
  return top > 0 && leaders.length === 1 ? leaders[0] : undefined;
}
