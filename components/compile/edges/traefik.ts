import { type IdentityHeaders, identityHeaders } from '../identity.ts';
import { appAnnotations, appLabels } from '../metadata.ts';
import type { EdgeOutput, KubeObject } from '../output.ts';
import type { AppPlan, Plan, RoutePlan } from '../plan.ts';
import type { Edge } from './edge.ts';
import { certificateObjects } from './traefik/certificates.ts';
import type { AppContext } from './traefik/context.ts';
import { crds } from './traefik/crds.ts';
import { existingLosses } from './traefik/existing.ts';
import { guardObjects, guardsOf } from './traefik/guards.ts';
import { planLosses } from './traefik/losses.ts';
import { platformObjects } from './traefik/platform/objects.ts';
import { routeObjects } from './traefik/routes.ts';

/** Traefik with its own objects: IngressRoute, Middleware, ServersTransport. docs/adr/0002-traefik-routing.md tells why so. */
export const traefikEdge: Edge = {
  name: 'traefik',
  emit: (plan) => {
    const existing = plan.environment.existingEdge;
    return {
      apps: appObjects(plan),
      platform: existing === null ? platformObjects(plan.environment) : [],
      crds: existing === null ? crds : [],
      losses: [
        ...planLosses(plan),
        ...(existing === null ? [] : existingLosses(plan.environment, existing, plan.routes)),
      ],
    };
  },
};

function appObjects(plan: Plan): EdgeOutput['apps'] {
  const routes = new Map<string, RoutePlan[]>();
  for (const route of plan.routes) {
    const key = `${route.namespace}/${route.app}`;
    const group = routes.get(key);
    if (group === undefined) routes.set(key, [route]);
    else group.push(route);
  }
  const apps = new Map(plan.apps.map((app) => [`${app.namespace}/${app.name}`, app]));
  const identity = identityHeaders(plan);
  const get = (key: string) => {
    const [app, own] = [apps.get(key), routes.get(key)];
    return app === undefined || own === undefined ? undefined : objectsOf(app, own, plan, identity);
  };
  return { get, values: () => [...apps.keys()].map((key) => get(key) ?? []) };
}

function objectsOf(
  app: AppPlan,
  routes: readonly RoutePlan[],
  plan: Plan,
  identity: IdentityHeaders,
): readonly KubeObject[] {
  const { environment } = plan;
  const context = {
    environment,
    guards: guardsOf(app, environment),
    identityHeaders: identity,
    meta: metadataOf(app.namespace, appLabels(app), appAnnotations(plan, app)),
  };
  return [
    ...routes.flatMap((route) => routeObjects(route, context)),
    ...guardObjects(app, routes, environment, context.meta),
    ...certificateObjects(routes, context.meta),
  ];
}

function metadataOf(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  shared: Readonly<Record<string, string>>,
): AppContext['meta'] {
  return (name, annotations) => ({
    name,
    namespace,
    labels,
    annotations: annotations === undefined ? shared : { ...shared, ...annotations },
  });
}
