import type { ServiceAccount } from 'kubernetes-types/core/v1';
import { appAnnotations, appLabels } from '../metadata.ts';
import type { KubeObject } from '../output.ts';
import type { AppPlan, Plan, WorkloadPlan } from '../plan.ts';

/** An identity of the app's own, without a token; nothing where the author named one that exists. */
export function serviceAccountObject(
  plan: Pick<Plan, 'environment'>,
  app: AppPlan,
  { serviceAccount }: WorkloadPlan,
): readonly KubeObject[] {
  if (!serviceAccount.managed) return [];
  const object = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: serviceAccount.name,
      namespace: app.namespace,
      labels: appLabels(app),
      annotations: appAnnotations(plan, app),
    },
    automountServiceAccountToken: false,
  } satisfies ServiceAccount;
  return [object];
}
