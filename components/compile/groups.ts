import { externalSecrets } from './external-secrets.ts';
import { ordered } from './order.ts';
import type { EdgeOutput, KubeObject, ObjectGroup } from './output.ts';
import type { Plan } from './plan.ts';
import { exposedPorts } from './workload/exposed-ports.ts';
import { gatekeeperGroups } from './workload/gatekeeper.ts';
import { namespaceObjects } from './workload/namespaces.ts';
import { workloadObjects } from './workload/objects.ts';

/** All objects of a plan in groups that are applied and destroyed together: CRDs, platform, gatekeepers, apps. */
export function objectGroups(plan: Plan, edge: EdgeOutput): readonly ObjectGroup[] {
  const platform = ordered([...namespaceObjects(plan), ...externalSecrets(plan), ...edge.platform]);
  const open = openReasons(plan);
  const appsByKey = new Map(plan.apps.map((app) => [`${app.namespace}/${app.name}`, app]));
  const context = { plan, exposed: exposedPorts(plan), apps: appsByKey };
  const apps = plan.apps.map((app): ObjectGroup => {
    const name = `${app.namespace}/${app.name}`;
    return {
      kind: 'app',
      name,
      get objects() {
        const own = workloadObjects(context, app, {
          openReasons: [...(open.get(name) ?? [])],
          podMarks: edge.podMarks?.get(name) ?? null,
        });
        return ordered([...own, ...(edge.apps.get(name) ?? [])]);
      },
    };
  });
  return [
    ...(edge.crds.length === 0 ? [] : [{ kind: 'crds', name: 'crds', objects: ordered(edge.crds) } as const]),
    { kind: 'platform', name: 'platform', objects: platform },
    // The pod router checks keys itself.
    ...(plan.environment.edge === 'pods' ? [] : gatekeeperGroups(plan)),
    ...apps.filter((group, index) => plan.apps[index]?.workload !== null || group.objects.length > 0),
  ];
}

/** The reasons of the open routes of each app, in the order of the routes. */
function openReasons({ routes }: Plan): ReadonlyMap<string, ReadonlySet<string>> {
  const reasons = new Map<string, Set<string>>();
  for (const { namespace, app, protection } of routes) {
    if (protection.kind !== 'open') continue;
    const key = `${namespace}/${app}`;
    const own = reasons.get(key);
    if (own === undefined) reasons.set(key, new Set([protection.reason]));
    else own.add(protection.reason);
  }
  return reasons;
}

/** The objects of all groups one after the other, each group's made when its turn comes. */
export function* objectsOf(groups: Iterable<ObjectGroup>): Generator<KubeObject> {
  for (const { objects } of groups) yield* objects;
}
