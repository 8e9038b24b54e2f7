/**
 * The value with every `length` that cannot be compared with a number taken out; the value itself where there is none.
 * Where a text or a list is due the form compares the `length` of whatever stands there, and of an object without
 * primitive (one without prototype, say) the language makes an error instead of a number.
 */
export function withComparableLengths(value: unknown): unknown {
  return mended(value, new Map());
}

/** `done` has what became of each object: one that stands in several places, or in itself, is looked at once. */
function mended(value: unknown, done: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (done.has(value)) return done.get(value);
  done.set(value, value);
  const changes: [string, unknown][] = [];
  for (const key of Object.keys(value)) {
    const old = (value as Readonly<Record<string, unknown>>)[key];
    const now = key === 'length' && !isComparable(old) ? null : mended(old, done);
    if (now !== old) changes.push([key, now]);
  }
  if (changes.length === 0) return value;
  const copy = Object.assign(Array.isArray(value) ? [...value] : { ...value }, Object.fromEntries(changes));
  done.set(value, copy);
  return copy;
}

function isComparable(length: unknown): boolean {
  try {
    return (length as number) >= 0 || true;
  } catch {
    return false;
  }
}
