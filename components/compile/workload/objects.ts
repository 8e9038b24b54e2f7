import { appMetadata } from '../metadata.ts';
import type { KubeObject, PodMarks } from '../output.ts';
import type { AppPlan } from '../plan.ts';
import { autoscalerObject } from './autoscaler.ts';
import { workloadObject } from './controller.ts';
import { disruptionBudgetObject } from './disruption-budget.ts';
import { filesObject } from './files.ts';
import { networkPolicyObject, type PolicyContext } from './network-policy.ts';
import { serviceObject } from './service.ts';
import { serviceAccountObject } from './service-account.ts';

/** What the rest of the plan says about one app. */
export interface Surroundings {
  /** Why its open routes ask nobody. */
  readonly openReasons: readonly string[];
  /** What the edge reads on its pods. */
  readonly podMarks: PodMarks | null;
}

/** Everything of an app that is no object of an edge. */
export function workloadObjects(
  context: PolicyContext,
  app: AppPlan,
  { openReasons, podMarks }: Surroundings,
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
    workloadObject(metadata, app, workload, podMarks),
    ...autoscalerObject(metadata, app, workload),
    ...disruptionBudgetObject(metadata, app, workload),
  ];
}
