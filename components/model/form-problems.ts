import { z } from 'zod';
import { expectedOf, listOf } from './expected.ts';
import type { Finding } from './finding.ts';
import {
  branches,
  branchMeant,
  descriptionOf,
  fieldsOf,
  isObject,
  isOptional,
  nearest,
  type Schema,
  schemaAt,
  takesKind,
  valueAt,
} from './form.ts';
import { habits } from './habits.ts';
import { withComparableLengths } from './lengths.ts';
import { mendOf } from './mend.ts';
import { formatPath, type Path } from './path.ts';
import { show, showName } from './shown.ts';

/** A form and the value that was held against it. */
interface Held {
  readonly root: Schema;
  readonly value: unknown;
  /** Where `value` stands in the definition. */
  readonly base: Path;
  /** The form of the whole definition, where misplaced fields are looked up. */
  readonly form: Schema;
}

/** A value that keeps to the form as the form reads it, or every way in which it does not (then never none). */
export function holdAgainst<T>(
  form: z.ZodType<T>,
  given: unknown,
): { readonly value: T | undefined; readonly findings: readonly Finding[] } {
  const value = withComparableLengths(given);
  const parsed = form.safeParse(value);
  if (parsed.success) return { value: parsed.data, findings: [] };
  const findings = explain({ root: form, value, base: [], form });
  return { value: undefined, findings: findings.length > 0 ? findings : [untold(parsed.error.issues.length, [])] };
}

type Issue = z.core.$ZodIssue;

function explain(held: Held): readonly Finding[] {
  const issues = z.safeParse(held.root, held.value).error?.issues ?? [];
  const told = withoutEchoes(issues.slice(0, mostTold).flatMap((issue) => explainIssue(issue, held)));
  return issues.length > mostTold ? [...told, untold(issues.length - mostTold, held.base)] : told;
}

/** A definition with more mistakes is no definition: explaining each costs time and helps nobody. */
const mostTold = 100;

function untold(count: number, path: Path): Finding {
  return {
    code: 'too-many-problems',
    path,
    found: `${count} more problems`,
    expected: 'a definition that keeps to the form',
    fix: 'Mend those above first.',
  };
}

/** One mistake is told once: a field that stands there misspelt is not missing, and of several rules one value breaks the first counts. */
function withoutEchoes(findings: readonly Finding[]): readonly Finding[] {
  const meant = new Set(
    findings.flatMap(({ path, fix }) => {
      const [, name] = /^Did you mean (.+)\?$/.exec(fix) ?? [];
      return name === undefined ? [] : [formatPath([...path.slice(0, -1), name])];
    }),
  );
  const first = new Set<string>();
  return findings.filter(({ code, path }) => {
    const place = `${code} ${formatPath(path)}`;
    const again = code === 'wrong-value' && first.has(place);
    first.add(place);
    return !again && !(code === 'missing-field' && meant.has(formatPath(path)));
  });
}

function explainIssue(issue: Issue, held: Held): readonly Finding[] {
  const path = issue.path as Path;
  const schema = schemaAt(held.root, path, held.value) ?? held.root;
  const value = valueAt(held.value, path);
  const at = [...held.base, ...path];
  if (value === undefined && issue.code !== 'unrecognized_keys') return [missing(schema, at)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownField(key, schema, value, at, held.form));
    case 'invalid_union':
      return explainUnion(schema, value, at, held.form);
    case 'invalid_key':
      return [badName(issue, at)];
    case 'invalid_type':
      return [bad('wrong-type', schema, value, at)];
    case 'too_big':
    case 'too_small':
      return [outOfBounds(issue, schema, value, at)];
    default:
      return [bad('wrong-value', schema, value, at, expectedIn(issue, schema))];
  }
}

/** A broken union is told by the branch its author meant; by all of them only when there is no telling. */
function explainUnion(union: Schema, value: unknown, at: Path, form: Schema): readonly Finding[] {
  const meant = branchMeant(union, value);
  if (meant !== undefined) {
    const findings = explain({ root: meant, value, base: at, form });
    const scalar = !isObject(value) && !Array.isArray(value);
    return scalar ? [bad('wrong-value', union, value, at, findings[0]?.expected)] : findings;
  }
  const fitting = branches(union).filter((branch) => takesKind(branch, value));
  return [isObject(value) ? notOneBranch(fitting, value, at) : bad('wrong-type', union, value, at)];
}

function notOneBranch(fitting: readonly Schema[], value: Readonly<Record<string, unknown>>, at: Path): Finding {
  const heads = fitting.map((branch) => {
    const shape = fieldsOf(branch) ?? {};
    return Object.keys(shape).find((name) => !isOptional(shape[name] as Schema)) ?? Object.keys(shape)[0] ?? '';
  });
  const several = heads.filter((head) => Object.hasOwn(value, head));
  return {
    code: 'one-of',
    path: at,
    found: show(value, at),
    expected: `exactly one of ${heads.join(', ')}`,
    fix:
      several.length > 1
        ? `Keep ${listOf(several)}, not both.`
        : (habitOf(Object.keys(value)) ?? `Write ${listOf(heads)}.`),
  };
}

function unknownField(key: string, schema: Schema, holder: unknown, at: Path, form: Schema): Finding {
  const meant = branchMeant(schema, holder) ?? schema;
  const known = Object.keys(fieldsOf(meant) ?? {});
  return {
    code: 'unknown-field',
    path: [...at, key],
    found: `the unknown field ${showName(key)}`,
    expected: known.length <= 12 ? `one of ${known.join(', ')}` : 'a field of the form',
    fix: misplaced(key, known, at, form),
  };
}

function misplaced(key: string, known: readonly string[], at: Path, form: Schema): string {
  const habit = habitOf([key]);
  if (habit !== undefined) return habit;
  const close = nearest(key, known);
  if (close !== undefined) return `Did you mean ${close}?`;
  const places = placesOf(key, form).filter((place) => place !== formatPath(at));
  if (places.length > 0) return `Move it: the form has it as ${listOf(places.slice(0, 3))}.`;
  return 'Remove it.';
}

function habitOf(keys: readonly string[]): string | undefined {
  const known = keys.find((key) => Object.hasOwn(habits, key));
  return known === undefined ? undefined : habits[known];
}

/** Where the form has a field of this name: `probes.readiness`, `routes[].hosts`. */
function placesOf(key: string, form: Schema): readonly string[] {
  const found: string[] = [];
  const visit = (schema: Schema, path: string, depth: number): void => {
    if (depth > 6) return;
    for (const branch of branches(schema)) {
      for (const [name, field] of Object.entries(fieldsOf(branch) ?? {})) {
        const place = path === '' ? name : `${path}.${name}`;
        if (name === key) found.push(place);
        visitInside(field, place, depth);
      }
    }
  };
  const visitInside = (field: Schema, place: string, depth: number): void => {
    for (const branch of branches(field)) {
      const { element, valueType } = partsOfBranch(branch);
      if (element !== undefined) visit(element, `${place}[]`, depth + 1);
      else if (valueType !== undefined) visit(valueType, `${place}.*`, depth + 1);
      else visit(branch, place, depth + 1);
    }
  };
  visit(form, '', 0);
  return [...new Set(found)].toSorted((a, b) => a.length - b.length);
}

function partsOfBranch(branch: Schema): { readonly element?: Schema; readonly valueType?: Schema } {
  return branch._zod.def as { element?: Schema; valueType?: Schema };
}

function badName(issue: Extract<Issue, { code: 'invalid_key' }>, at: Path): Finding {
  const name = String(at.at(-1));
  return {
    code: 'wrong-name',
    path: at,
    found: `the name ${showName(name)}`,
    expected: boundOf(issue.issues[0]) ?? issue.issues[0]?.message ?? 'another name',
    fix: habitOf([name]) ?? 'Rename it.',
  };
}

function missing(schema: Schema, at: Path): Finding {
  const name = String(at.at(-1) ?? 'it');
  const description = descriptionOf(schema);
  return {
    code: 'missing-field',
    path: at,
    found: 'nothing',
    expected: expectedOf(schema),
    fix: description === undefined ? `Add ${name}.` : `Add ${name}: ${withoutStop(description)}.`,
  };
}

function bad(code: string, schema: Schema, value: unknown, at: Path, expected = expectedOf(schema)): Finding {
  return { code, path: at, found: show(value, at), expected, fix: mendOf(schema, value, at) };
}

function expectedIn(issue: Issue, schema: Schema): string {
  return issue.code === 'invalid_value' ? expectedOf(schema) : issue.message;
}

function outOfBounds(issue: Issue, schema: Schema, value: unknown, at: Path): Finding {
  const finding = bad('wrong-value', schema, value, at, boundOf(issue));
  if (!Array.isArray(value)) return finding;
  return { ...finding, fix: value.length === 0 ? 'Add an entry, or remove the field.' : 'Split it.' };
}

/** What a broken bound on a length allows; undefined for bounds on numbers, which the form tells itself. */
function boundOf(issue: Issue | undefined): string | undefined {
  if (issue?.code !== 'too_big' && issue?.code !== 'too_small') return undefined;
  if (issue.origin === 'number' || issue.origin === 'int') return undefined;
  if (!issue.message.startsWith('Too ')) return issue.message;
  const unit = issue.origin === 'string' ? 'characters' : 'entries';
  return issue.code === 'too_big' ? `at most ${issue.maximum} ${unit}` : `at least ${issue.minimum} ${unit}`;
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '').replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());
}
