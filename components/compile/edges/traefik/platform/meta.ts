import { platformLabels } from '../../../metadata.ts';
import type { ObjectMeta } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';

/** Metadata of an object of the edge, in its namespace. */
export function edgeMeta(environment: EnvironmentPlan, name: string): ObjectMeta & { readonly namespace: string } {
  return { name, namespace: environment.edgeNamespace, labels: platformLabels(name) };
}

/** Metadata of an object of the edge that belongs to the whole cluster. */
export function clusterMeta(name: string): ObjectMeta {
  return { name, labels: platformLabels(name) };
}
