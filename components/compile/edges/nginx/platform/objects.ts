import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { loadBalancerObjects } from '../../traefik/platform/exposure.ts';
import { namespaceObject } from '../../traefik/platform/namespace.ts';
import { disruptionBudget, networkPolicy, priorityClass } from '../../traefik/platform/protection.ts';
import { ingressClass } from './ingress-class.ts';
import { routerDaemonSet } from './router.ts';
import { routerAccess } from './router-access.ts';
import { traefikAccess, traefikConfigMap, traefikDaemonSet } from './traefik.ts';

/**
 * What serves the Ingresses, in the order it is applied: nothing where an ingress-nginx is installed. A function of the
 * environment alone. Whoever serves has the same name, class and ports, so that one takes over from the other in place.
 */
export function platformObjects(environment: EnvironmentPlan): readonly KubeObject[] {
  if (environment.nginx.servedBy === 'ingress-nginx') return [];
  const byTraefik = environment.nginx.servedBy === 'traefik';
  return [
    namespaceObject(environment),
    priorityClass(environment),
    ingressClass(environment),
    ...(byTraefik ? traefikAccess(environment) : routerAccess(environment, 'ingresses')),
    ...(byTraefik ? [traefikConfigMap(environment)] : []),
    ...networkPolicy(environment),
    ...disruptionBudget(environment),
    byTraefik ? traefikDaemonSet(environment) : routerDaemonSet(environment, 'ingresses'),
    ...loadBalancerObjects(environment),
  ];
}
