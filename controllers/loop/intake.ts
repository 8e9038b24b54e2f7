import { isDeepStrictEqual } from 'node:util';
import { type KubeObject, keyOf, type Source } from './source.ts';
import { isNotNewer } from './watch-event.ts';

/** What is kept of the objects of one source, and which objects were refused. */
export interface Intake<T> {
  /** Whether anything kept has changed. */
  readonly keep: (object: KubeObject) => boolean;
  readonly remove: (object: KubeObject) => boolean;
  /** Takes the place of everything kept. */
  readonly replace: (list: Listing<T>) => boolean;
  /** Puts one object of a list, to be given to `replace` when the list is whole. */
  readonly gather: (into: Listing<T>, object: KubeObject) => void;
  /** In ascending order of the key; the same object until something changes. */
  readonly state: () => ReadonlyMap<string, T>;
  /** Objects of the source, kept or not. */
  readonly size: () => number;
  /** Objects that `project` throws on. */
  readonly refusedSize: () => number;
}

/** A list that is being read. */
export interface Listing<T> {
  readonly entries: Map<string, Entry<T>>;
}

interface Entry<T> {
  readonly version: string;
  readonly value: T | null;
  readonly refused: boolean;
}

/** @param onRefused told the key of an object and the name of the error that `project` threw on it. */
export function createIntake<T>(
  source: Pick<Source<T>, 'project'>,
  onRefused: (key: string, errorName: string) => void,
): Intake<T> {
  let entries = new Map<string, Entry<T>>();
  let sorted: ReadonlyMap<string, T> | null = null;
  const read = (object: KubeObject): Entry<T> => {
    const version = object.metadata.resourceVersion ?? '';
    try {
      return { version, value: source.project(object), refused: false };
    } catch (error) {
      onRefused(keyOf(object.metadata), error instanceof Error ? error.name : typeof error);
      return { version, value: null, refused: true };
    }
  };
  const told = (changed: boolean) => {
    if (changed) sorted = null;
    return changed;
  };
  const isOld = (key: string, version: string) => isNotNewer(version, entries.get(key)?.version ?? '');
  return {
    keep(object) {
      const key = keyOf(object.metadata);
      if (isOld(key, object.metadata.resourceVersion ?? '')) return false;
      const before = entries.get(key)?.value ?? null;
      const entry = read(object);
      entries.set(key, entry);
      return told(!isDeepStrictEqual(before, entry.value));
    },
    remove(object) {
      const key = keyOf(object.metadata);
      const before = entries.get(key);
      // An object of the same name that was made later is another one.
      if (before === undefined || isOlder(object, before)) return false;
      entries.delete(key);
      return told(before.value !== null);
    },
    gather: (into, object) => into.entries.set(keyOf(object.metadata), read(object)),
    replace(list) {
      const before = entries;
      entries = list.entries;
      return told(differ(before, entries));
    },
    state() {
      sorted ??= new Map([...keptOf(entries)].toSorted(([a], [b]) => (a < b ? -1 : 1)));
      return sorted;
    },
    size: () => entries.size,
    refusedSize: () => [...entries.values()].filter((entry) => entry.refused).length,
  };
}

const isOlder = (object: KubeObject, entry: Entry<unknown>) => {
  const version = object.metadata.resourceVersion ?? '';
  return version !== entry.version && isNotNewer(version, entry.version);
};

function* keptOf<T>(entries: ReadonlyMap<string, Entry<T>>): Generator<readonly [string, T]> {
  for (const [key, { value }] of entries) if (value !== null) yield [key, value];
}

function differ<T>(before: ReadonlyMap<string, Entry<T>>, after: ReadonlyMap<string, Entry<T>>): boolean {
  const gone = [...keptOf(before)].some(([key]) => (after.get(key)?.value ?? null) === null);
  return gone || [...keptOf(after)].some(([key, value]) => !isDeepStrictEqual(before.get(key)?.value, value));
}
