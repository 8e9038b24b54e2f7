import { routingNames } from '../../../dialects/routing.ts';
import type { AppPlan, EnvironmentPlan, RoutePlan } from '../../plan.ts';
import { asked } from '../asked.ts';
import { podPort, sideOf } from './target.ts';

/** What a route asks of the pods edge, by the names of the table: its own, and what its app and environment make of it. */
export function namesOf(route: RoutePlan, app: AppPlan, environment: EnvironmentPlan): readonly string[] {
  const { protection, action } = route;
  return [
    ...asked(route),
    ...(action.kind === 'forward' && action.targets.length === 1 && podPort(route, app) === null
      ? ['service-routes']
      : []),
    ...(hasForeignKey(protection, route, environment) ? ['routing-key'] : []),
  ];
}

/** A router asks for the key of one Secret, in the header of the key; it knows no other and no bearer tokens. */
function hasForeignKey(protection: RoutePlan['protection'], route: RoutePlan, environment: EnvironmentPlan): boolean {
  if (protection.kind !== 'apiKey') return protection.kind === 'bearer';
  const { secret } = routingNames[sideOf(route, environment)];
  return protection.secret !== secret.name || protection.key !== secret.key;
}
