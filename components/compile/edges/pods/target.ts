import type { RoutingSide } from '../../../dialects/routing.ts';
import type { AppPlan, EnvironmentPlan, RoutePlan } from '../../plan.ts';

/** The names of the router that a route is for. */
export function sideOf({ audience }: RoutePlan, { privateDoor }: EnvironmentPlan): RoutingSide {
  return privateDoor ? audience : 'routing';
}

/** The container port of an app's own pods that a route leads to; null where it leads elsewhere. */
export function podPort({ action }: RoutePlan, { workload, service, namespace }: AppPlan): number | null {
  const [target, ...others] = action.kind === 'forward' ? action.targets : [];
  if (target === undefined || others.length > 0 || workload === null) return null;
  if (target.service !== service?.name || target.namespace !== namespace) return null;
  const ports = workload.containers.flatMap((container) => container.ports);
  return ports.find(({ servicePort }) => servicePort === target.port)?.containerPort ?? null;
}
