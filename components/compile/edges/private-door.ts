import type { Loss } from '../../model/problem.ts';
import type { Plan } from '../plan.ts';
import { lossesAmong, withoutRepeats } from './asked.ts';

/**
 * The plan as an edge without a private door may see it: a route that is not for everyone is left out there, and is a
 * loss. No edge has to think of it, so none can serve such a route at its one door by oversight.
 */
export function atThePublicDoor(plan: Plan): { readonly plan: Plan; readonly losses: readonly Loss[] } {
  const { environment, routes } = plan;
  if (environment.edge === 'pods' && environment.privateDoor) return { plan, losses: [] };
  const inner = routes.filter(({ audience }) => audience === 'private');
  const losses = inner.flatMap(({ at }) => lossesAmong(['private-door'], environment, at));
  if (losses.length === 0) return { plan, losses };
  return {
    plan: { ...plan, routes: routes.filter(({ audience }) => audience === 'public') },
    losses: withoutRepeats(losses),
  };
}
