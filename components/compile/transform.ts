import type { Problem } from '../model/problem.ts';
import { ordered } from './order.ts';
import type { KubeObject, ObjectGroup } from './output.ts';

/** The escape hatch: gets the compiled objects of one app and gives back those to apply. Must be pure. */
export type Transform = (objects: readonly KubeObject[]) => readonly KubeObject[];

/** One thing a transform changed, for `explain`. */
export interface Change {
  /** `namespace/app`. */
  readonly app: string;
  /** `Kind/name` of the object. */
  readonly object: string;
  /** JSON pointer (RFC 6901); empty for a whole object that was added or removed. */
  readonly pointer: string;
  readonly kind: 'added' | 'removed' | 'changed';
}

export interface Transformed {
  readonly groups: readonly ObjectGroup[];
  readonly changes: readonly Change[];
  readonly problems: readonly Problem[];
}

/** Runs each app's transform on a copy of its objects and records what it changed. */
export function applyTransforms(
  groups: readonly ObjectGroup[],
  transforms: ReadonlyMap<string, Transform>,
): Transformed {
  if (transforms.size === 0) return { groups, changes: [], problems: [] };
  const changes: Change[] = [];
  const problems: Problem[] = [];
  const left = new Set(transforms.keys());
  const transformed = groups.map((group): ObjectGroup => {
    const transform = group.kind === 'app' ? transforms.get(group.name) : undefined;
    if (transform === undefined) return group;
    left.delete(group.name);
    const objects = ordered(transform(copied(group.objects)));
    changes.push(...objectChanges(group.name, group.objects, objects));
    problems.push(...repeats(group.name, objects));
    return { ...group, objects };
  });
  for (const app of left)
    problems.push({
      code: 'unknown-app',
      at: { subject: `app ${app}`, path: 'transform' },
      found: 'a transform, and no objects of such an app',
      expected: 'the namespace and name of an app, as shop/cart',
      fix: 'Correct the name, or take the transform away.',
    });
  return { groups: transformed, changes, problems };
}

/** Objects share parts; a copy shares nothing, so that a change stays in the object it was made in. */
function copied(objects: readonly KubeObject[]): readonly KubeObject[] {
  return JSON.parse(JSON.stringify(objects)) as readonly KubeObject[];
}

function keyOf(object: KubeObject): string {
  return `${object.kind}/${object.metadata.name}`;
}

function repeats(app: string, objects: readonly KubeObject[]): readonly Problem[] {
  const seen = new Set<string>();
  return objects.flatMap((object) => {
    const key = `${object.apiVersion} ${keyOf(object)} ${object.metadata.namespace ?? ''}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [
      {
        code: 'object-twice',
        at: { subject: `app ${app}`, path: 'transform' },
        found: `${keyOf(object)} twice in what the transform gave back`,
        expected: 'each object once',
        fix: 'Give one of the two another name.',
      },
    ];
  });
}

function objectChanges(app: string, before: readonly KubeObject[], after: readonly KubeObject[]): readonly Change[] {
  const old = new Map(before.map((object) => [keyOf(object), object]));
  const next = new Map(after.map((object) => [keyOf(object), object]));
  const changes: Change[] = [];
  for (const object of new Set([...old.keys(), ...next.keys()]))
    for (const { pointer, kind } of difference(old.get(object), next.get(object), ''))
      changes.push({ app, object, pointer, kind });
  return changes;
}

/** The smallest places in which two values differ, as JSON pointers. */
function difference(before: unknown, after: unknown, pointer: string): readonly Pick<Change, 'pointer' | 'kind'>[] {
  if (before === undefined) return after === undefined ? [] : [{ pointer, kind: 'added' }];
  if (after === undefined) return [{ pointer, kind: 'removed' }];
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after))
    return before === after ? [] : [{ pointer, kind: 'changed' }];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) =>
    difference(before[key], after[key], `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
