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

/** What tells a set of objects apart from another: kinds, namespaces and names. */
export function identities(objects: readonly KubeObject[]): string {
  return objects
    .map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
    .join('\n');
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
