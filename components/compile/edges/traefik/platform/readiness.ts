import { annotation } from '../../../metadata.ts';
import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan, RouteMatch } from '../../../plan.ts';
import { classOf } from '../context.ts';
import { edgeNameOf, entryPoint, fileObject } from '../names.ts';
import { traefikObject } from '../objects.ts';
import { routePriority } from '../priority.ts';
import { printRule, ruleOf } from '../rule.ts';
import { edgeMeta } from './meta.ts';

/** Where the kubelet and load balancers ask whether an edge pod serves. */
export const readyPath = '/ping';

const match: RouteMatch = {
  host: { kind: 'any' },
  path: { kind: 'exact', path: readyPath },
  methods: [],
  headers: [],
};

const open = {
  [annotation.openReason]:
    'the kubelet and load balancers ask whether the edge serves; the port is not open to clients',
};

/**
 * The way to Traefik's own ping, as a route like those of the apps.
 *
 * By itself Traefik answers ping as soon as it listens, seconds before it has read the first route: a pod that is ready
 * then answers 404 to everybody. This route comes with the first configuration from the API server, which holds every
 * other route too, and it names a middleware of the file provider, so it answers only once both were read.
 */
export function readinessRoute(environment: EnvironmentPlan): KubeObject {
  return traefikObject('IngressRoute', edgeMeta(environment, `${edgeNameOf(environment)}-ready`, open), {
    ...classOf(environment),
    entryPoints: [entryPoint.admin],
    routes: [
      {
        kind: 'Rule',
        match: printRule(ruleOf(match, false)),
        priority: routePriority(match, 'route'),
        middlewares: [{ name: `${fileObject.hygiene}@file` }],
        services: [{ kind: 'TraefikService', name: 'ping@internal' }],
      },
    ],
  });
}
