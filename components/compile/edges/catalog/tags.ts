import type { TraefikTag } from '../../../dialects/traefik-tags.ts';
import { type IdentityHeaders, identityHeaders, unvouchedHeaders } from '../../identity.ts';
import { nameFor } from '../../names.ts';
import type { EnvironmentPlan, Plan, RoutePlan, TargetPlan } from '../../plan.ts';
import { fate } from '../asked.ts';
import { type Entry, entriesOf, type Guards } from '../traefik/context.ts';
import { guardsOf } from '../traefik/guards.ts';
import { passes, type RouteMiddleware, routeMiddlewares } from '../traefik/middlewares.ts';
import { entryPoint } from '../traefik/names.ts';
import { routePriority } from '../traefik/priority.ts';
import { edgeMiddlewares, routersOf } from '../traefik/routes.ts';
import { printRule } from '../traefik/rule.ts';
import { answers } from '../traefik/services.ts';
import { namesOf, type TagsByRoute, targetApp } from './losses.ts';

interface TagContext {
  readonly environment: EnvironmentPlan;
  readonly guards: Guards;
  readonly identityHeaders: IdentityHeaders;
  /** The loss of its protection was accepted: the route lets nobody in. */
  readonly closed: boolean;
}

/** An address no client has: a list of it alone lets nobody in. */
const nobody = ['255.255.255.255/32'];

/** The tags of every route of a plan. */
export function tagsByRoute(plan: Plan): TagsByRoute {
  const { environment } = plan;
  const identity = identityHeaders(plan);
  const apps = new Map(plan.apps.map((app) => [`${app.namespace}/${app.name}`, app]));
  return new Map(
    plan.routes.flatMap((route) => {
      const key = `${route.namespace}/${route.app}`;
      const app = apps.get(key);
      if (app === undefined) return [];
      const closed = fate(namesOf(route, targetApp(plan.apps, route)), environment) === 'closed';
      const context = { environment, guards: guardsOf(app, environment), identityHeaders: identity };
      return [[route.id, routeTags(route, { ...context, closed })]];
    }),
  );
}

/** Everything Traefik is to know of one route: its routers, its middlewares, how its app is called. */
function routeTags(route: RoutePlan, context: TagContext): readonly TraefikTag[] {
  const name = tagName(route);
  const middlewares = middlewaresOf(route, context);
  return [
    ...entriesOf(route).flatMap((entry) => routerTags(route, entry, middlewares, context)),
    ...middlewares.flatMap(({ suffix, spec }) => flatten(`http.middlewares.${name}-${suffix}`, spec)),
    ...flatten(`http.services.${name}.loadBalancer`, {
      server: { scheme: schemeOf(route) },
      passHostHeader: true,
      ...answers(route, schemeOf(route)),
    }),
  ];
}

/** So short that the keys of a router fit into names of annotations. */
const longestName = 24;

/** Names in a catalog are those of all namespaces together. */
function tagName({ namespace, app, objectName }: RoutePlan): string {
  return nameFor(app, [namespace, objectName], longestName);
}

function middlewaresOf(
  route: RoutePlan,
  { closed, environment, identityHeaders }: TagContext,
): readonly RouteMiddleware[] {
  if (closed) return [{ suffix: 'allow', spec: { ipAllowList: { sourceRange: nobody } } }];
  return routeMiddlewares(route, environment, unvouchedHeaders(route, identityHeaders));
}

function routerTags(
  route: RoutePlan,
  entry: Entry,
  middlewares: readonly RouteMiddleware[],
  { environment, guards, closed }: TagContext,
): readonly TraefikTag[] {
  const name = tagName(route);
  return routersOf(route, entry, environment).flatMap(({ passage, slot, rule, redirected, told }) =>
    flatten(`http.routers.${name}-${entry}-${slot.toLowerCase()}`, {
      entryPoints: [entryPoint[entry]],
      rule: printRule(rule),
      priority: routePriority(route.match, slot),
      middlewares: [
        ...edgeMiddlewares(route, passage, redirected, guards).map((middleware) => middleware.name),
        ...middlewares
          .filter(({ suffix }) => closed || passes(suffix, passage, told ? 'told' : 'sender'))
          .map(({ suffix }) => `${name}-${suffix}`),
      ],
      service: name,
      ...(entry === 'secure' ? { tls: true } : {}),
    }),
  );
}

function schemeOf({ action }: RoutePlan): TargetPlan['protocol'] {
  return action.kind === 'forward' ? (action.targets[0]?.protocol ?? 'http') : 'http';
}

/**
 * Options as Traefik reads them from labels: a list of words is one value with commas, a list of objects has numbers in
 * brackets, an empty object says nothing.
 */
function flatten(key: string, value: unknown): readonly TraefikTag[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) {
    if (value.some((item) => typeof item === 'object'))
      return value.flatMap((item, index) => flatten(`${key}[${index}]`, item));
    return value.length === 0 ? [] : [{ key, value: value.join(',') }];
  }
  if (typeof value === 'object')
    return Object.entries(value).flatMap(([name, item]) => flatten(`${key}.${name}`, item));
  return [{ key, value: String(value) }];
}
