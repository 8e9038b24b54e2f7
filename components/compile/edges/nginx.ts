import { identityHeaders } from '../identity.ts';
import { appAnnotations, appLabels } from '../metadata.ts';
import type { EdgeOutput } from '../output.ts';
import type { AppPlan, Plan } from '../plan.ts';
import { groupBy } from '../resolve/grouping.ts';
import type { Edge } from './edge.ts';
import { ingressObjects } from './nginx/ingresses.ts';
import { planLosses } from './nginx/losses.ts';
import { platformObjects } from './nginx/platform/objects.ts';
import { certificateObjects } from './traefik/certificates.ts';
import type { Metadata } from './traefik/context.ts';

/** Ingresses with a small typed set of annotations, served by our controller, Traefik's nginx provider or ingress-nginx. */
export const nginxEdge: Edge = {
  name: 'nginx',
  emit: (plan) => ({
    apps: appObjects(plan),
    platform: platformObjects(plan.environment),
    crds: [],
    losses: planLosses(plan),
  }),
};

function appObjects(plan: Plan): EdgeOutput['apps'] {
  const identity = identityHeaders(plan);
  const routes = groupBy(plan.routes, ({ namespace, app }) => `${namespace}/${app}`);
  return new Map(
    plan.apps.flatMap((app) => {
      const key = `${app.namespace}/${app.name}`;
      const own = routes.get(key) ?? [];
      if (own.length === 0) return [];
      const meta = metadataOf(plan, app);
      const context = { environment: plan.environment, app, identity, meta };
      const objects = own.flatMap((route) => ingressObjects(route, context));
      return [[key, [...objects, ...certificateObjects(own, meta)]] as const];
    }),
  );
}

function metadataOf(plan: Plan, app: AppPlan) {
  const labels = appLabels(app);
  const shared = appAnnotations(plan, app);
  return (name: string, annotations: Readonly<Record<string, string>> = {}): Metadata => ({
    name,
    namespace: app.namespace,
    labels,
    annotations: { ...shared, ...annotations },
  });
}
