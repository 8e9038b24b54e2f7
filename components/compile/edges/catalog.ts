import { appAnnotations, appLabels } from '../metadata.ts';
import type { EdgeOutput, KubeObject } from '../output.ts';
import type { AppPlan, Plan, RoutePlan } from '../plan.ts';
import { groupBy } from '../resolve/grouping.ts';
import { fate } from './asked.ts';
import { guardRoutes } from './catalog/guards.ts';
import { namesOf, planLosses, type TagsByRoute, targetApp } from './catalog/losses.ts';
import { publisherObjects } from './catalog/publisher.ts';
import { catalogService, packRoutes } from './catalog/services.ts';
import { tagsByRoute } from './catalog/tags.ts';
import type { Edge } from './edge.ts';
import { certificateObjects } from './traefik/certificates.ts';
import type { Metadata } from './traefik/context.ts';
import { crds } from './traefik/crds.ts';
import { platformObjects } from './traefik/platform/objects.ts';

/**
 * The internal edge: NodePort Services whose annotations are tags of Traefik, published to Consul and served from there.
 * What has to hold when the catalog has lost an app stands beside it as objects: docs/adr/0007-internal-edge.md.
 */
export const catalogEdge: Edge = {
  name: 'catalog',
  emit: (plan) => {
    const tags = tagsByRoute(plan);
    return {
      apps: appObjects(plan, tags),
      platform: [...platformObjects(plan.environment), ...publisherObjects(plan.environment)],
      crds,
      losses: planLosses(plan, tags),
    };
  },
};

function appObjects(plan: Plan, tags: TagsByRoute): EdgeOutput['apps'] {
  const routes = groupBy(plan.routes, ({ namespace, app }) => `${namespace}/${app}`);
  return new Map(
    plan.apps.flatMap((app) => {
      const key = `${app.namespace}/${app.name}`;
      const own = routes.get(key);
      return own === undefined ? [] : [[key, objectsOf(app, own, plan, tags)] as const];
    }),
  );
}

function objectsOf(app: AppPlan, routes: readonly RoutePlan[], plan: Plan, tags: TagsByRoute): readonly KubeObject[] {
  const { environment, apps } = plan;
  const meta = metadataOf(plan, app);
  const served = routes.filter(
    (route) => fate(namesOf(route, targetApp(apps, route), tags.get(route.id)), environment) !== 'leftOut',
  );
  return [
    ...services(app, served, plan, tags, meta),
    ...guardRoutes(app, served, environment, meta),
    ...certificateObjects(served, meta),
  ];
}

type Meta = (name: string, annotations?: Readonly<Record<string, string>>) => Metadata;

/** One Service for each port that routes lead to, and more where their tags do not fit into one. */
function services(
  app: AppPlan,
  routes: readonly RoutePlan[],
  plan: Plan,
  tags: TagsByRoute,
  meta: Meta,
): readonly KubeObject[] {
  const byPort = groupBy(routes, (route) => `${targetApp(plan.apps, route)?.name} ${portOf(route, plan)?.name}`);
  return [...byPort.values()].flatMap((group) => {
    const [first] = group;
    const target = first === undefined ? undefined : targetApp(plan.apps, first);
    const port = first === undefined ? undefined : portOf(first, plan);
    if (target === undefined || port === undefined) return [];
    return packRoutes(group, tags).map((part) => catalogService(app, { target, port, ...part }, meta));
  });
}

function portOf(route: RoutePlan, { apps }: Plan) {
  const ports = targetApp(apps, route)?.service?.ports ?? [];
  const [target] = route.action.kind === 'forward' ? route.action.targets : [];
  return target === undefined ? ports[0] : ports.find(({ servicePort }) => servicePort === target.port);
}

function metadataOf(plan: Plan, app: AppPlan): Meta {
  const labels = appLabels(app);
  const shared = appAnnotations(plan, app);
  return (name, annotations = {}) => ({
    name,
    namespace: app.namespace,
    labels,
    annotations: { ...shared, ...annotations },
  });
}
