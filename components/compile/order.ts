import type { KubeObject } from './output.ts';

/** Kinds in the order they are applied, so that what is referred to is there first; kinds not listed come last. */
const kinds: ReadonlyMap<string, number> = new Map(
  [
    'Namespace',
    'CustomResourceDefinition',
    'ServiceAccount',
    'ClusterRole',
    'ClusterRoleBinding',
    'Role',
    'RoleBinding',
    'NetworkPolicy',
    'ConfigMap',
    'Service',
    'Deployment',
    'DaemonSet',
    'HorizontalPodAutoscaler',
    'PodDisruptionBudget',
  ].map((kind, index) => [kind, index]),
);

/** Objects by kind, then kind's name, namespace and name. The same objects in any order come out the same. */
export function ordered(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.toSorted(compare);
}

function compare(a: KubeObject, b: KubeObject): number {
  return (
    (kinds.get(a.kind) ?? kinds.size) - (kinds.get(b.kind) ?? kinds.size) ||
    text(a.kind, b.kind) ||
    text(a.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
    text(a.metadata.name, b.metadata.name)
  );
}

/** By code unit: no locale decides an order. */
function text(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
