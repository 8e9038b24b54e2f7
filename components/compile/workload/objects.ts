import { appMetadata } from '../metadata.ts';
import type { KubeObject } from '../output.ts';
import type { AppPlan } from '../plan.ts';
import { autoscalerObject } from './autoscaler.ts';
import { workloadObject } from './controller.ts';
import { disruptionBudgetObject } from './disruption-budget.ts';
import { filesObject } from './files.ts';
import { networkPolicyObject, type PolicyContext } from './network-policy.ts';
import { serviceObject } from './service.ts';
import { serviceAccountObject } from './service-account.ts';

/** Everything of an app that no edge decides. `openReasons`: why its open routes ask nobody. */
export function workloadObjects(
  context: PolicyContext,
  app: AppPlan,
  openReasons: readonly string[],
): readonly KubeObject[] {
  const { workload, service } = app;
  const metadata = appMetadata(context.plan, app);
  const services = service?.managed === true ? [serviceObject(metadata, app, service, openReasons)] : [];
  if (workload === null) return services;
  return [
    ...serviceAccountObject(metadata, workload),
    ...networkPolicyObject(context, metadata, app, workload),
    ...filesObject(metadata, app, workload),
    ...services,
    workloadObject(metadata, app, workload),
    ...autoscalerObject(metadata, app, workload),
    ...disruptionBudgetObject(metadata, app, workload),
  ];
}
