import { type TraefikTag, tagsFit } from '../../../dialects/traefik-tags.ts';
import type { Loss } from '../../../model/problem.ts';
import type { AppPlan, Plan, RoutePlan } from '../../plan.ts';
import { asked, lossesAmong, withoutRepeats } from '../asked.ts';

/** What makes Traefik take notice of a Service. */
export const enabled: TraefikTag = { key: 'enable', value: 'true' };

/** The tags of routes by their ids. */
export type TagsByRoute = ReadonlyMap<string, readonly TraefikTag[]>;

/** What tags in a catalog cannot keep of this plan. */
export function planLosses(plan: Plan, tags: TagsByRoute): readonly Loss[] {
  const { environment, routes } = plan;
  const at = { subject: `environment ${environment.name}`, path: 'unknownHost' };
  return withoutRepeats([
    ...(environment.unknownHost === 'close' ? lossesAmong(['unknown-host-close'], environment, at) : []),
    ...routes.flatMap((route) =>
      lossesAmong(
        [
          ...namesOf(route, targetApp(plan.apps, route), tags.get(route.id)),
          ...(route.dns && environment.dnsTarget === null ? ['dns'] : []),
        ],
        environment,
        route.at,
      ),
    ),
  ]);
}

/**
 * What a route asks for.
 * @param target the app its Service is made for, undefined where something else makes it
 * @param tags all of the route, which have to fit into one Service
 */
export function namesOf(
  route: RoutePlan,
  target: AppPlan | undefined,
  tags: readonly TraefikTag[] = [],
): readonly string[] {
  const { rewrite, audience } = route;
  return [
    ...asked(route),
    ...(target === undefined ? ['service-routes'] : []),
    ...(audience === 'private' ? ['private-door'] : []),
    // Labels hold lists as words with commas between, and have no way to write a comma.
    ...(rewrite.kind === 'replacePrefix' && rewrite.from.includes(',') ? ['strip-comma'] : []),
    ...(tagsFit([enabled, ...tags]) ? [] : ['tag-room']),
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
