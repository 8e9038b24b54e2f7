import { environmentAnnotations, platformLabels } from '../../../metadata.ts';
import type { ObjectMeta } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';

/** Metadata of an object of the edge, in its namespace. `extra` are annotations of one object alone. */
export function edgeMeta(
  environment: EnvironmentPlan,
  name: string,
  extra: Readonly<Record<string, string>> = {},
): ObjectMeta & { readonly namespace: string } {
  const annotations = { ...environmentAnnotations(environment), ...extra };
  return { name, namespace: environment.edgeNamespace, labels: platformLabels(name), annotations };
}

/** Metadata of an object of the edge that belongs to the whole cluster. */
export function clusterMeta(name: string): ObjectMeta {
  return { name, labels: platformLabels(name) };
}
