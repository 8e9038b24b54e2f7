/** Plain data. */
export type Tree = null | boolean | number | string | readonly Tree[] | { readonly [key: string]: Tree };

/** One place where two trees differ. `undefined`: there is nothing at that place on this side. */
export interface Difference {
  readonly path: readonly string[];
  readonly left: Tree | undefined;
  readonly right: Tree | undefined;
}

/** The smallest places in which two trees differ, in order of their paths. Lists differ as a whole. */
export function differences(
  left: Tree | undefined,
  right: Tree | undefined,
  path: readonly string[] = [],
): readonly Difference[] {
  if (isFields(left) && isFields(right)) {
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])].toSorted();
    return keys.flatMap((key) => differences(left[key], right[key], [...path, key]));
  }
  return JSON.stringify(left) === JSON.stringify(right) ? [] : [{ path, left, right }];
}

/**
 * Where `found` lacks what `wanted` asks for. What `found` has beyond it does not count: an API server fills in
 * defaults. Lists are compared item by item, and their lengths count. Quantities are equal by amount: `1` and `1000m`.
 */
export function shortfalls(wanted: Tree, found: Tree | undefined, path: readonly string[] = []): readonly Difference[] {
  if (Array.isArray(wanted) && Array.isArray(found) && wanted.length === found.length)
    return wanted.flatMap((item, index) => shortfalls(item, found[index], [...path, String(index)]));
  if (isFields(wanted) && isFields(found))
    return Object.keys(wanted)
      .toSorted()
      .flatMap((key) => shortfalls(wanted[key] ?? null, found[key], [...path, key]));
  return isNothing(wanted, found) || same(wanted, found) ? [] : [{ path, left: wanted, right: found }];
}

/** An API server keeps no empty field. */
function isNothing(wanted: Tree, found: Tree | undefined): boolean {
  return found === undefined && (wanted === null || (typeof wanted === 'object' && Object.keys(wanted).length === 0));
}

function same(wanted: Tree, found: Tree | undefined): boolean {
  if (JSON.stringify(wanted) === JSON.stringify(found)) return true;
  const [a, b] = [amount(wanted), amount(found)];
  return a !== null && a === b;
}

/** Suffixes of `k8s.io/apimachinery` quantities. */
const suffixes: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

function amount(value: Tree | undefined): number | null {
  const parts = /^(\d+(?:\.\d+)?)([a-zA-Z]{0,2})$/.exec(String(value));
  const factor = parts === null ? undefined : suffixes[parts[2] ?? ''];
  return parts === null || factor === undefined ? null : Number((Number(parts[1]) * factor).toPrecision(12));
}

function isFields(tree: Tree | undefined): tree is { readonly [key: string]: Tree } {
  return typeof tree === 'object' && tree !== null && !Array.isArray(tree);
}
