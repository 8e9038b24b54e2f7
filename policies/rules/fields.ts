/** One step into a value: the name of a field or a place in a list. */
export type Path = readonly (string | number)[];

/** A value and where in the subject it stands. */
export interface Part {
  readonly path: Path;
  readonly value: unknown;
}

/** The value at a path; undefined where there is none. */
export function field(value: unknown, ...path: Path): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step) ? Reflect.get(inner, step) : undefined,
    value,
  );
}

/** Whether something stands at a path; null is nothing. */
export function has(value: unknown, ...path: Path): boolean {
  const found = field(value, ...path);
  return found !== undefined && found !== null;
}

/** Whether a field is written down, known or not: its value is not looked at. */
export function isStated(value: unknown, ...path: Path): boolean {
  const [last] = path.slice(-1);
  const holder = field(value, ...path.slice(0, -1));
  return last !== undefined && typeof holder === 'object' && holder !== null && Object.hasOwn(holder, last);
}

/** The text at a path; empty where there is none. */
export function text(value: unknown, ...path: Path): string {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : '';
}

/** The list at a path, each entry with its own path below `base`. Empty where there is none. */
export function parts(value: unknown, base: Path, ...path: Path): readonly Part[] {
  const found = field(value, ...path);
  if (!Array.isArray(found)) return [];
  return Array.from({ length: found.length }, (_, index) => ({
    path: [...base, ...path, index],
    value: found[index] as unknown,
  }));
}

/** The texts of the list at a path. */
export function texts(value: unknown, ...path: Path): readonly string[] {
  return parts(value, [], ...path).flatMap((part) => (typeof part.value === 'string' ? [part.value] : []));
}

/** Names of the fields at a path, sorted; their values are not looked at. */
export function names(value: unknown, ...path: Path): readonly string[] {
  const found = field(value, ...path);
  return typeof found === 'object' && found !== null ? Object.keys(found).toSorted() : [];
}

/** The namespace an object is in. Throws where it is not known yet, unlike `Subject.namespace`. */
export function namespaceIn(properties: unknown): string {
  return text(properties, 'metadata', 'namespace');
}

/** A text as findings show it, in quotes and at most 80 characters of it. */
export function quoted(shown: string): string {
  return JSON.stringify(shown.length > 80 ? `${shown.slice(0, 79)}…` : shown);
}
