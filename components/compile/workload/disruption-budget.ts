import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1';
import { type AppMetadata, appNameLabel } from '../metadata.ts';
import type { KubeObject } from '../output.ts';
import type { AppPlan, WorkloadPlan } from '../plan.ts';

/** The disruption budget, which never blocks a drain for good: a pod that is not ready may always be evicted. */
export function disruptionBudgetObject(
  metadata: AppMetadata,
  app: AppPlan,
  { disruption }: WorkloadPlan,
): readonly KubeObject[] {
  if (disruption === null) return [];
  const object = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(app.name),
    spec: {
      ...disruption,
      selector: { matchLabels: { [appNameLabel]: app.name } },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  } satisfies PodDisruptionBudget;
  return [object];
}
