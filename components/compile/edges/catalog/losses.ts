import type { Loss } from '../../../model/problem.ts';
import type { AppPlan, Plan, RoutePlan } from '../../plan.ts';
import { asked, lossesAmong, withoutRepeats } from '../asked.ts';

/** What tags in a catalog cannot keep of this plan. */
export function planLosses(plan: Plan): readonly Loss[] {
  const { environment, routes } = plan;
  const at = { subject: `environment ${environment.name}`, path: 'unknownHost' };
  return withoutRepeats([
    ...(environment.unknownHost === 'close' ? lossesAmong(['unknown-host-close'], environment, at) : []),
    ...routes.flatMap((route) =>
      lossesAmong(
        [
          ...namesOf(route, targetApp(plan.apps, route)),
          ...(route.dns && environment.dnsTarget === null ? ['dns'] : []),
        ],
        environment,
        route.at,
      ),
    ),
  ]);
}

/** What a route asks for. `target`: the app its Service is made for, undefined where something else makes it. */
export function namesOf(route: RoutePlan, target: AppPlan | undefined): readonly string[] {
  const { rewrite, audience } = route;
  return [
    ...asked(route),
    ...(target === undefined ? ['service-routes'] : []),
    ...(audience === 'private' ? ['private-door'] : []),
    // Labels hold lists as words with commas between, and have no way to write a comma.
    ...(rewrite.kind === 'replacePrefix' && rewrite.from.includes(',') ? ['strip-comma'] : []),
  ];
}

/** Whose pods a route leads to. A redirect leads nowhere, and hangs on its own app. */
export function targetApp(apps: readonly AppPlan[], route: RoutePlan): AppPlan | undefined {
  const [target] = route.action.kind === 'forward' ? route.action.targets : [];
  return apps.find(
    ({ namespace, name, service, workload }) =>
      workload !== null &&
      namespace === route.namespace &&
      service?.managed === true &&
      (target === undefined ? name === route.app : service.name === target.service),
  );
}
