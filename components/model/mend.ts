import { z } from 'zod';
import { expectedOf } from './expected.ts';
import { branches, exampleOf, nearest, partsOf, type Schema } from './form.ts';
import type { Path } from './path.ts';
import { isConfidential } from './shown.ts';

type Mend = (value: unknown) => unknown;

/** Slips that authors make, undone. One is proposed only when the form then takes the value. */
const mends: readonly Mend[] = [
  onText((text) => text.trim()),
  onText((text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())),
  onText((text) => (/^-?[0-9]{1,15}$/.test(text) ? Number(text) : text)),
  onText((text) => spokenBooleans.get(text) ?? text),
  onText((text) => text.replace(/^https?:\/\//, '')),
  onText((text) => text.replace(/^([A-Za-z0-9.-]+)\/.*$/, '$1')),
  onText((text) => text.replace(/:[0-9]+$/, '')),
  onText((text) => text.replace(/\.$/, '')),
  onText((text) => text.replace(/^(?=[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/|$))/, 'https://')),
  onText((text) => text.replace(/^(?=[A-Za-z0-9])/, '/')),
  onText((text) => text.replace(/\/{2,}/g, '/')),
  onText((text) => text.replace(/^(\/[^?#]*)[?#].*$/, '$1')),
  onText((text) => text.replace(/^(\/.*)\/\*$/, '$1')),
  onText((text) => text.replace(/_/g, '-')),
  onText((text) => text.replace(/^([0-9.]+) ?([KMGT])i?B?$/i, (_, size, unit) => `${size}${unit.toUpperCase()}i`)),
  onText((text) => text.replace(/^([0-9]+) ?(?:s|secs?|seconds?)$/, '$1s')),
  onText((text) => text.replace(/^([0-9]+) ?(?:m|mins?|minutes?)$/, '$1m')),
  onText((text) => text.replace(/^([0-9]{1,3})d$/, (_, days) => `${Number(days) * 24}h`)),
  (value) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value),
  (value) => (typeof value === 'number' ? `${value}s` : value),
  (value) => (typeof value === 'number' ? `${value}Mi` : value),
];

/** What YAML 1.1 took for true and false. */
const spokenBooleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['no', false],
  ['off', false],
]);

/** An instruction that makes the value right: the value mended where that is certain, an example of the field otherwise. */
export function mendOf(schema: Schema, value: unknown, path: Path): string {
  const unquoted = typeof value === 'number' || typeof value === 'boolean';
  if (unquoted && z.safeParse(schema, String(value)).success) return 'Put it in quotes.';
  if (!isConfidential(path) && !isLong(value)) {
    const mended = mendedValue(schema, value);
    if (mended !== undefined) return instruction(value, mended);
  }
  const example = exampleOf(schema);
  return example === undefined ? `Write ${expectedOf(schema)}.` : `Write it as in ${JSON.stringify(example)}.`;
}

/** Mending tries many expressions; a long text is no slip of the hand. */
function isLong(value: unknown): boolean {
  return typeof value === 'string' && value.length > 300;
}

/** Where any words will do only their number can be wrong, and no slip of the hand is behind that. */
const anyWords = 'any words will do here';

function mendedValue(schema: Schema, value: unknown): unknown {
  if (typeof value === 'string' && z.safeParse(schema, anyWords).success) return undefined;
  const once = changed([value]);
  const fits = (mended: unknown) => mended !== '' && mended !== value && z.safeParse(schema, mended).success;
  return [...once, ...namedValues(schema, value)].find(fits) ?? changed(once).find(fits);
}

function changed(values: readonly unknown[]): readonly unknown[] {
  return [...new Set(values.flatMap((value) => mends.map((mend) => mend(value)).filter((mended) => mended !== value)))];
}

/** For fields with fixed values: the one that is nearest. */
function namedValues(schema: Schema, value: unknown): readonly unknown[] {
  const names = branches(schema).flatMap((branch) => {
    const { entries, values } = partsOf(branch);
    return entries !== undefined
      ? Object.values(entries)
      : (values ?? []).filter((literal) => typeof literal === 'string');
  });
  const close = typeof value === 'string' ? nearest(value, names as string[]) : undefined;
  return close === undefined ? [] : [close];
}

function instruction(value: unknown, mended: unknown): string {
  const quotes = typeof value === 'string' && String(mended) === value.trim();
  if (quotes && typeof mended !== 'string') return `Write ${String(mended)} without quotes.`;
  return `Write ${JSON.stringify(mended)}.`;
}

function onText(mend: (text: string) => unknown): Mend {
  return (value) => (typeof value === 'string' ? mend(value) : value);
}
