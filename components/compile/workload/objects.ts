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
  const { plan } = context;
  const { workload, service } = app;
  const services = service?.managed === true ? [serviceObject(plan, app, service, openReasons)] : [];
  if (workload === null) return services;
  return [
    ...serviceAccountObject(plan, app, workload),
    ...networkPolicyObject(context, app, workload),
    ...filesObject(plan, app, workload),
    ...services,
    workloadObject(plan, app, workload),
    ...autoscalerObject(plan, app, workload),
    ...disruptionBudgetObject(plan, app, workload),
  ];
}
