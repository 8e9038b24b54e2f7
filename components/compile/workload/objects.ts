import type { KubeObject } from '../output.ts';
import type { AppPlan, Plan } from '../plan.ts';
import { workloadObject } from './controller.ts';
import { filesObject } from './files.ts';
import { serviceObject } from './service.ts';

/** Everything of an app that no edge decides. `openReasons`: why its open routes ask nobody. */
export function workloadObjects(
  plan: Pick<Plan, 'environment'>,
  app: AppPlan,
  openReasons: readonly string[],
): readonly KubeObject[] {
  const { workload, service } = app;
  return [
    ...(workload === null ? [] : [...filesObject(plan, app, workload), workloadObject(plan, app, workload)]),
    ...(service === null || !service.managed ? [] : [serviceObject(plan, app, service, openReasons)]),
  ];
}
