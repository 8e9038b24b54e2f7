import type { ServiceAccount } from 'kubernetes-types/core/v1';
import type { AppMetadata } from '../metadata.ts';
import type { KubeObject } from '../output.ts';
import type { WorkloadPlan } from '../plan.ts';

/** An identity of the app's own, without a token; nothing where the author named one that exists. */
export function serviceAccountObject(metadata: AppMetadata, { serviceAccount }: WorkloadPlan): readonly KubeObject[] {
  if (!serviceAccount.managed) return [];
  const object = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadata(serviceAccount.name),
    automountServiceAccountToken: false,
  } satisfies ServiceAccount;
  return [object];
}
