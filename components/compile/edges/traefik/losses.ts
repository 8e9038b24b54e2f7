import type { Loss, Place } from '../../../model/problem.ts';
import type { EnvironmentPlan, Plan, RoutePlan } from '../../plan.ts';
import { lossOf } from '../capability.ts';

/** What our own Traefik cannot keep of this plan. */
export function planLosses({ environment, routes }: Plan): readonly Loss[] {
  return [...environmentLosses(environment), ...routes.flatMap((route) => routeLosses(route, environment))];
}

function environmentLosses(environment: EnvironmentPlan): readonly Loss[] {
  const at: Place = { subject: `environment ${environment.name}`, path: 'unknownHost' };
  return environment.unknownHost === 'close' ? [lossOf('traefik', 'unknown-host-close', at)] : [];
}

function routeLosses(route: RoutePlan, environment: EnvironmentPlan): readonly Loss[] {
  return [
    ...(route.bodyLimitBytes !== null && route.streaming
      ? [lossOf('traefik', 'streaming-with-body-limit', route.at)]
      : []),
    ...(route.dns && environment.dnsTarget === null ? [lossOf('traefik', 'dns', route.at)] : []),
    ...(route.action.kind === 'forward' && route.action.targets.some(({ namespace }) => namespace !== route.namespace)
      ? [lossOf('traefik', 'target-in-other-namespace', route.at)]
      : []),
  ];
}
