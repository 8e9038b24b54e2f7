import type { KubeObject } from '../../compile/output.ts';
import type { Path } from '../../model/path.ts';

/** The leaves in which two values of the same shape differ; null when their shapes differ. */
export function differingLeaves(one: unknown, other: unknown, path: Path = []): readonly Path[] | null {
  if (one === other) return [];
  if (!isContainer(one) || !isContainer(other)) return isContainer(one) || isContainer(other) ? null : [path];
  const keys = Object.keys(one);
  if (Array.isArray(one) !== Array.isArray(other) || !sameSteps(keys, Object.keys(other))) return null;
  const found: Path[] = [];
  for (const key of keys) {
    const below = differingLeaves(one[key], other[key], [...path, Array.isArray(one) ? Number(key) : key]);
    if (below === null) return null;
    found.push(...below);
  }
  return found;
}

/**
 * What stays of an object when a value in it changes: kind, namespace, and of a name that the compiler made what
 * follows its readable part. Readable parts hold hosts; the hash behind them is over the names of app and route.
 */
export function identityOf({ apiVersion, kind, metadata }: KubeObject): string {
  const made = /^.*-([a-z2-7]{10}(?:-[a-z0-9-]+)?)$/.exec(metadata.name)?.[1];
  return `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${made ?? metadata.name}`;
}

/** Objects by identity; null where two have the same. */
export function byIdentity(objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> | null {
  const found = new Map(objects.map((object) => [identityOf(object), object]));
  return found.size === objects.length ? found : null;
}

/** The value at a path; undefined where there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (isContainer(at) ? at[step] : undefined), value);
}

function sameSteps(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((step) => other.includes(step));
}

function isContainer(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === 'object' && value !== null;
}
