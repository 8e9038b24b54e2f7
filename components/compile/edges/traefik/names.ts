import type { EnvironmentPlan, RoutePlan } from '../../plan.ts';

export { type FileObject, fileObject } from '../../../dialects/traefik-own.ts';

/** Entry points and the ports they listen on inside the pod. */
export const entryPoint = { plain: 'web', secure: 'websecure', admin: 'admin' } as const;
export const entryPointPort = { plain: 8000, secure: 8443, admin: 8080 } as const;

/** Health and metrics of the program beside Traefik. */
export const sidecarHealthPort = 8083;

type OfEdge = Pick<EnvironmentPlan, 'edge'>;

/** Name of every object of the edge itself. The internal edge has one of its own: both stand in one cluster. */
export function edgeNameOf({ edge }: OfEdge): string {
  return edge === 'catalog' ? 'edgeplane-internal' : 'edgeplane-edge';
}

/** The class of our own edge. */
export function ownClassOf({ edge }: OfEdge): string {
  return edge === 'catalog' ? 'edgeplane-internal' : 'edgeplane';
}

export function ingressClassOf(environment: EnvironmentPlan): string | null {
  return environment.existingEdge === null ? ownClassOf(environment) : environment.existingEdge.ingressClass;
}

/** Kinds of middleware a route may have. A suffix holds no dash, so `name-suffix` is injective. */
export type MiddlewareSuffix =
  | 'hsts'
  | 'allow'
  | 'allowtold'
  | 'rate'
  | 'ratetold'
  | 'cors'
  | 'auth'
  | 'headers'
  | 'limit'
  | 'strip'
  | 'add'
  | 'redirect'
  | 'retry';

export function middlewareName(route: RoutePlan, suffix: MiddlewareSuffix): string {
  return `${route.objectName}-${suffix}`;
}

/** IngressRoutes beside the first one of a route. The dot stands in no name of a route, so this is injective too. */
export function plainRouteName(route: RoutePlan): string {
  return `${route.objectName}.plain`;
}

export function guardsName(app: string, entry: 'plain' | 'secure'): string {
  return `${app}.guards-${entry}`;
}
