import { z } from 'zod';
import { branches, fieldsOf, isOptional, partsOf, required, type Schema } from './form.ts';

/** What a schema takes, in words: `lower-case letters …`, `a whole number from 1 to 65535`, `one of "a", "b"`. */
export function expectedOf(schema: Schema): string {
  const options = branches(schema);
  if (options.length > 1) return listOf(options.map(expectedOfBranch));
  return expectedOfBranch(options[0] ?? schema);
}

function expectedOfBranch(schema: Schema): string {
  const inner = required(schema);
  const { type, values, entries, element } = partsOf(inner);
  switch (type) {
    case 'string':
      return grammarOf(inner);
    case 'number':
      return numberRange(inner);
    case 'boolean':
      return 'true or false';
    case 'literal':
      return listOf((values ?? []).map((value) => JSON.stringify(value)));
    case 'enum':
      return `one of ${Object.values(entries ?? {})
        .map((value) => JSON.stringify(value))
        .join(', ')}`;
    case 'array':
      return element === undefined ? 'a list' : `a list of: ${expectedOf(element)}`;
    case 'object':
      return objectForm(inner);
    default:
      return type === 'record' ? 'an object of names and values' : 'plain data';
  }
}

/** A character that no grammar of the form takes, so that the leaf says its rule. */
const impossible = '\u0000';

function grammarOf(schema: Schema): string {
  const [issue] = z.safeParse(schema, impossible).error?.issues ?? [];
  return issue === undefined || issue.message.startsWith('Invalid') ? 'a string' : issue.message;
}

function numberRange(schema: Schema): string {
  const { minValue, maxValue } = schema as z.ZodNumber;
  if (minValue === null || maxValue === null || minValue === Number.MIN_SAFE_INTEGER) return 'a whole number';
  return maxValue === Number.MAX_SAFE_INTEGER
    ? `a whole number from ${minValue}`
    : `a whole number from ${minValue} to ${maxValue}`;
}

/** `{ prefix }`: the fields that tell this object from others, or all of them in short. */
function objectForm(schema: Schema): string {
  const shape = fieldsOf(schema) ?? {};
  const names = Object.keys(shape);
  const needed = names.filter((name) => !isOptional(shape[name] as Schema));
  return `{ ${(needed.length > 0 ? needed : names.slice(0, 4)).join(', ')} }`;
}

/** `a, b or c` */
export function listOf(items: readonly string[]): string {
  const unique = [...new Set(items)];
  const last = unique.at(-1) ?? '';
  return unique.length <= 1 ? last : `${unique.slice(0, -1).join(', ')} or ${last}`;
}
