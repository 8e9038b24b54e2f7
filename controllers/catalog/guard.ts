import { instanceKey } from './model.ts';
import type { ActualInstance, InstanceChange, Plan } from './plan.ts';

/** How many instances may go at once without anybody's word. */
export interface GuardSettings {
  /** Of the instances that are registered. 100 holds nothing back. */
  readonly percent: number;
  /** As many may always go: in a small catalog each of them is a large share. */
  readonly least: number;
}

/** A plan without the removals that are held back. */
export interface GuardedPlan {
  readonly plan: Plan;
  /** Instances that would go without another of the same service coming in their place. */
  readonly removals: number;
  /** How many of them are held back: all or none. */
  readonly held: number;
}

/**
 * Holds back removals that are too many at once: a mistake or a fault elsewhere looks like that. Instances that others
 * of the same service replace do not count, and go.
 * @param allowed how many an operator allows; null when nobody said anything.
 */
export function guardRemovals(plan: Plan, guard: GuardSettings, allowed: number | null): GuardedPlan {
  const added = countBy(plan.register.filter(({ serviceIndex }) => serviceIndex === 0).map(serviceOf));
  const removed = countBy(plan.deregister.map(({ service }) => service));
  const losing = new Map(
    [...removed]
      .map(([service, count]) => [service, count - (added.get(service) ?? 0)] as const)
      .filter(([, net]) => net > 0),
  );
  const removals = [...losing.values()].reduce((sum, net) => sum + net, 0);
  const limit = Math.max(guard.least, (plan.owned * guard.percent) / 100, allowed ?? 0);
  if (removals <= limit) return { plan, removals, held: 0 };
  const held = plan.deregister.filter(({ service }) => losing.has(service));
  return { plan: hold(plan, held), removals, held: held.length };
}

const serviceOf = ({ registration }: InstanceChange) => registration.service;

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** What stays gets the tags of its service: instances that contradict each other have no route. */
function hold(plan: Plan, held: readonly ActualInstance[]): Plan {
  const kept = new Set(held);
  const retagged = new Map(
    plan.register.filter(({ changesTags }) => changesTags).map((change) => [serviceOf(change), change.registration]),
  );
  const followers = held.flatMap((instance): readonly InstanceChange[] => {
    const { id, node, address, port, service, meta, modifyIndex } = instance;
    const model = retagged.get(service);
    if (model === undefined) return [];
    const registration = { ...model, id, node, address, port, meta };
    return [{ registration, serviceIndex: modifyIndex, checkIndex: null, changesTags: true }];
  });
  const register = [...plan.register, ...followers].toSorted((a, b) =>
    instanceKey(a.registration) < instanceKey(b.registration) ? -1 : 1,
  );
  return { ...plan, register, deregister: plan.deregister.filter((instance) => !kept.has(instance)) };
}
