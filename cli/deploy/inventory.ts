import type { KubeObject } from '../../components/compile/output.ts';

/** Which object: what an inventory remembers of one that was applied. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty for what belongs to no namespace. */
  readonly namespace: string;
  readonly name: string;
}

/** The label by which an object says that Edgeplane made it. */
export const managedBy = { 'app.kubernetes.io/managed-by': 'edgeplane' } as const;

/** Kinds that are never removed: with them would go what others put into them. */
const kept: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition']);

export function refOf({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  return { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

/** `Deployment apps/whoami` */
export function refWords({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}

/** The same object in another version of its API is the same object. */
function identity({ apiVersion, kind, namespace, name }: ObjectRef): string {
  const [group] = apiVersion.includes('/') ? apiVersion.split('/') : [''];
  return [group, kind, namespace, name].join('|');
}

/** What is to be remembered of these objects, in an order that does not depend on theirs. */
export function inventoryOf(objects: readonly KubeObject[]): readonly ObjectRef[] {
  return merged(
    [],
    objects.map(refOf).filter(({ kind }) => !kept.has(kind)),
  );
}

/** Both, each object once. What `before` says of an object in another version gives way to `now`. */
export function merged(before: readonly ObjectRef[], now: readonly ObjectRef[]): readonly ObjectRef[] {
  const all = new Map([...before, ...now].map((ref) => [identity(ref), ref]));
  return [...all.keys()].toSorted().flatMap((key) => all.get(key) ?? []);
}

/** What was applied formerly and is no longer wanted. */
export function leftOver(before: readonly ObjectRef[], now: readonly ObjectRef[]): readonly ObjectRef[] {
  const wanted = new Set(now.map(identity));
  return before.filter((ref) => !wanted.has(identity(ref)) && !kept.has(ref.kind));
}

/** Whether an object as the cluster has it may be replaced or removed: it says that it is ours, or it is shared by its nature. */
export function isOurs(live: KubeObject): boolean {
  const [label, value] = ['app.kubernetes.io/managed-by', managedBy['app.kubernetes.io/managed-by']];
  return kept.has(live.kind) || live.metadata.labels?.[label] === value;
}

const volatile = new Set(['resourceVersion', 'managedFields', 'generation']);

/** Whether applying left an object as it was. What controllers write meanwhile, `status`, does not count. */
export function isUnchanged(before: KubeObject, after: KubeObject): boolean {
  return JSON.stringify(content(before)) === JSON.stringify(content(after));
}

function content({ status: _, ...object }: KubeObject): unknown {
  const metadata = Object.entries(object.metadata).filter(([key]) => !volatile.has(key));
  return sorted({ ...object, metadata: Object.fromEntries(metadata) });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
