import type { PodMarks } from '../output.ts';
import type { Plan } from '../plan.ts';
import { groupBy } from '../resolve/grouping.ts';
import type { Edge } from './edge.ts';
import { planLosses } from './pods/losses.ts';
import { podMarks } from './pods/marks.ts';
import { platformObjects } from './pods/platform.ts';

/** Labels and annotations on pods, read by our router on the edge nodes, which calls the pods themselves. */
export const podsEdge: Edge = {
  name: 'pods',
  emit: (plan) => ({
    apps: new Map(),
    podMarks: marksOf(plan),
    platform: platformObjects(plan.environment),
    crds: [],
    losses: planLosses(plan),
  }),
};

function marksOf({ apps, routes, environment }: Plan): ReadonlyMap<string, PodMarks> {
  const own = groupBy(routes, ({ namespace, app }) => `${namespace}/${app}`);
  return new Map(
    apps.flatMap((app) => {
      const key = `${app.namespace}/${app.name}`;
      const marks = podMarks(app, own.get(key) ?? [], environment);
      return marks === null ? [] : [[key, marks] as const];
    }),
  );
}
