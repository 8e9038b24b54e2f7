import type { Path } from './path.ts';

/** A part of the input that is no data, so nothing in it can be judged. */
export interface Fault {
  readonly code: 'unreadable' | 'cyclic' | 'too-deep' | 'too-large' | 'not-plain' | 'reserved-name';
  readonly path: Path;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}

/** Bounds on one definition, so that reading it ends. The largest real ones have a few thousand values. */
const maxDepth = 32;
const maxValues = 50_000;

/**
 * Copies the input as plain data: lists, objects that inherit nothing, scalars; fields that are undefined are left out.
 * What cannot be copied (a getter that throws, a cycle, an instance of a class) is named as a fault. Never throws.
 */
export function toPlain(input: unknown): { readonly value: unknown; readonly faults: readonly Fault[] } {
  const walk: Walk = { faults: [], ancestors: [], path: [], values: 0 };
  return { value: copy(input, walk), faults: walk.faults };
}

interface Walk {
  readonly faults: Fault[];
  /** What the value stands in, outermost first. At most `maxDepth`, so a list is faster than a set. */
  readonly ancestors: object[];
  /** Where the value stands. */
  readonly path: (string | number)[];
  values: number;
}

function copy(value: unknown, walk: Walk): unknown {
  walk.values += 1;
  if (walk.values > maxValues) return walk.values === maxValues + 1 ? fault(tooLarge, [], walk) : undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (walk.ancestors.includes(value)) return fault(cyclic, walk.path, walk);
  if (walk.path.length >= maxDepth) return fault(tooDeep, walk.path, walk);
  const depth = walk.path.length;
  walk.ancestors.push(value);
  try {
    return Array.isArray(value) ? copyList(value, walk) : copyObject(value, walk);
  } catch {
    walk.path.length = depth;
    return fault(unreadable, walk.path, walk);
  } finally {
    walk.ancestors.length = depth;
  }
}

function copyList(list: readonly unknown[], walk: Walk): unknown {
  if (list.length > maxValues) return fault(tooLarge, [], walk);
  const result: unknown[] = [];
  for (let index = 0; index < list.length; index += 1) result.push(copyField(list, index, walk));
  return result;
}

/** An object whose prototype is empty. Faster in every later read than `Object.create(null)`, which V8 keeps as a hash. */
const Fields = function fields() {} as unknown as new () => Record<string, unknown>;
Fields.prototype = Object.freeze(Object.create(null));

function copyObject(source: object, walk: Walk): unknown {
  if (!isPlain(source)) return fault(notPlain, walk.path, walk);
  const result = new Fields();
  for (const key of Object.keys(source)) {
    if (key === '__proto__') {
      fault(reservedName, [...walk.path, key], walk);
      continue;
    }
    const value = copyField(source, key, walk);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

function copyField(source: object, key: string | number, walk: Walk): unknown {
  walk.path.push(key);
  const value = copy(read(source, key), walk);
  walk.path.pop();
  return value;
}

const thrown = Symbol('a getter that throws');

/** The symbol of a failed read is no data: the form rejects it where it stands. */
function read(source: object, key: string | number): unknown {
  try {
    return Reflect.get(source, key);
  } catch {
    return thrown;
  }
}

/** Objects of another realm are plain too: their prototype is the root of its own chain. */
function isPlain(source: object): boolean {
  const prototype = Object.getPrototypeOf(source);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

type FaultText = Omit<Fault, 'path'>;

function fault(text: FaultText, path: Path, walk: Walk): undefined {
  walk.faults.push({ ...text, path: [...path] });
}

const unreadable: FaultText = {
  code: 'unreadable',
  found: 'an object that throws when it is read',
  expected: 'plain data',
  fix: 'Write plain objects and lists.',
};
const cyclic: FaultText = {
  code: 'cyclic',
  found: 'an object that contains itself',
  expected: 'data that ends',
  fix: 'Remove the reference back to the outer object.',
};
const tooDeep: FaultText = {
  code: 'too-deep',
  found: `more than ${maxDepth} levels`,
  expected: `at most ${maxDepth} levels`,
  fix: 'Flatten it; no field of the form lies so deep.',
};
const tooLarge: FaultText = {
  code: 'too-large',
  found: `more than ${maxValues} values`,
  expected: `at most ${maxValues} values in one definition`,
  fix: 'Split the definition into several apps.',
};
const notPlain: FaultText = {
  code: 'not-plain',
  found: 'an instance of a class',
  expected: 'plain data',
  fix: 'Write a plain object, or the value it stands for.',
};
const reservedName: FaultText = {
  code: 'reserved-name',
  found: 'the field "__proto__"',
  expected: 'a field of the form',
  fix: 'Remove it.',
};
