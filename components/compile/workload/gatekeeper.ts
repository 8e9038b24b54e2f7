import type { ObjectGroup } from '../output.ts';
import type { Plan } from '../plan.ts';

/** One group for each namespace with a route that asks for a routing key. */
export function gatekeeperGroups(_plan: Plan): readonly ObjectGroup[] {
  return [];
}
