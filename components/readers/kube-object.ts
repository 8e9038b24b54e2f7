import { type Origin, placeAt } from '../model/definition.ts';
import type { Path } from '../model/path.ts';
import type { Problem } from '../model/problem.ts';

/** A parsed object of some cluster or file, and where it was read from. */
export interface ObjectSource {
  readonly object: unknown;
  readonly origin?: Origin | undefined;
}

/** An object that has a kind and a name. Its fields are as somebody else wrote them: nothing about their form is known. */
export interface FoundObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `IngressRoute shop/cart`. */
  readonly subject: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly origin: Origin | undefined;
}

/** Something a reader saw and cannot express, or that is wrong as it stands. */
export interface Note extends Problem {
  /**
   * `error`: a route is broken or lacks the protection that it names. `doubt`: it bears on who may pass or where a
   * request goes, and the reader did not understand it, so that the route's answer is "cannot tell". `note`: the
   * reading says less than the object, of something else.
   */
  readonly severity: 'error' | 'doubt' | 'note';
}

/** What a note says, before its place. */
export type NoteText = Pick<Note, 'code' | 'found' | 'expected' | 'fix'>;

/** A note at a place of an object. */
export function noteAt(object: FoundObject, path: Path, text: NoteText, severity: Note['severity'] = 'note'): Note {
  return { severity, at: placeAt(object.subject, object.origin, path), ...text };
}

/** The value at a path; undefined where there is none. */
export function at(value: unknown, ...path: Path): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, step) ? Reflect.get(inner, step) : undefined,
    value,
  );
}

/** The text at a path; numbers as text, as `port: 80` is; empty where there is none. */
export function textAt(value: unknown, ...path: Path): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : '';
}

/** The list at a path; empty where there is none. */
export function listAt(value: unknown, ...path: Path): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The strings of the list at a path. */
export function textsAt(value: unknown, ...path: Path): readonly string[] {
  return listAt(value, ...path).filter((entry): entry is string => typeof entry === 'string');
}

/** The names of the fields at a path; empty where no object is there. */
export function namesAt(value: unknown, ...path: Path): readonly string[] {
  const found = at(value, ...path);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.keys(found) : [];
}

/** Every object of the sources, lists (`kind: List`) unfolded. What has no kind or no name is left out. */
export function foundObjects(sources: readonly ObjectSource[]): readonly FoundObject[] {
  return sources.flatMap(({ object, origin }) => {
    if (!textAt(object, 'kind').endsWith('List')) return foundObject(object, origin) ?? [];
    return listAt(object, 'items').flatMap((item, index) => foundObject(item, within(origin, ['items', index])) ?? []);
  });
}

function foundObject(body: unknown, origin: Origin | undefined): FoundObject | undefined {
  const [apiVersion, kind, name] = [textAt(body, 'apiVersion'), textAt(body, 'kind'), textAt(body, 'metadata', 'name')];
  if (apiVersion === '' || kind === '' || name === '') return undefined;
  const namespace = textAt(body, 'metadata', 'namespace') || 'default';
  return {
    apiVersion,
    kind,
    namespace,
    name,
    subject: `${kind} ${namespace}/${name}`,
    annotations: textsByName(at(body, 'metadata', 'annotations')),
    labels: textsByName(at(body, 'metadata', 'labels')),
    body,
    origin,
  };
}

function within(origin: Origin | undefined, base: Path): Origin | undefined {
  if (origin === undefined) return undefined;
  return { file: origin.file, positionOf: (path) => origin.positionOf([...base, ...path]) };
}

function textsByName(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
