import type { EnvironmentPlan } from '../../../plan.ts';
import { entryPoint, type FileObject, fileObject } from '../names.ts';
import { denyPriority, lastPriority } from '../priority.ts';
import { call, or, printRule, type Rule } from '../rule.ts';
import { sharedSpec } from '../shared.ts';
import { privateOnly, privateOnlySpec } from './private-only.ts';

/**
 * Paths that no route lets in, by the text Traefik routes by: unreserved escapes decoded, reserved ones kept in upper
 * case. Dot segments, also behind an encoded slash or before `;`; empty segments; controls; backslashes; and the
 * escapes of `#`, `%`, `;` and `?`.
 */
export const refusedPath = '(?:^|/|%2F)\\.{1,2}(?:;|/|%2F|$)|//|[\\x00-\\x1f\\x7f\\\\]|%(?:23|25|3B|3F)';

/**
 * The file provider's part of the configuration: refusals above and below all routes, what routes are guarded with, and
 * the TLS floor. It has no part that an object in the cluster could replace, and none that depends on an app.
 */
export function dynamicConfiguration(environment: EnvironmentPlan): Readonly<Record<string, unknown>> {
  const { unavailable, refuse } = fileObject;
  const middlewares = (Object.keys(fileObject) as FileObject[]).filter((object) => object !== 'unavailable');
  return {
    http: {
      routers: {
        ...refusal('edgeplane-deny-path', call('PathRegexp', refusedPath), denyPriority, refuse, unavailable),
        ...refusal('edgeplane-deny-slash', call('PathRegexp', '%2F'), lastPriority, refuse, unavailable),
        [operator]: operatorRouter,
      },
      middlewares: {
        ...Object.fromEntries(middlewares.map((object) => [fileObject[object], sharedSpec(object, environment)])),
        ...(environment.edge === 'catalog' ? { [privateOnly]: privateOnlySpec(environment) } : {}),
        [operator]: { ipAllowList: { sourceRange: ['127.0.0.1/32', '::1/128'], rejectStatusCode: 404 } },
      },
      services: { [unavailable]: { loadBalancer: { servers: [] } } },
    },
    tls: { options: { default: { minVersion: 'VersionTLS12', sniStrict: false } } },
  };
}

const operator = 'edgeplane-operator';

/**
 * Traefik's API and dashboard, beside health and metrics, for whoever may forward a port of the pod: such a connection
 * comes from the pod's own loopback, as no other does. Everyone else is told that there is nothing.
 */
const operatorRouter = {
  rule: printRule(or(call('PathPrefix', '/api'), call('PathPrefix', '/dashboard'))),
  entryPoints: [entryPoint.admin],
  middlewares: [operator],
  service: 'api@internal',
};

/** A router on both entry points: with TLS and without are two routers to Traefik. */
export function refusal(name: string, rule: Rule, priority: number, middleware: string, service: string) {
  const router = { rule: printRule(rule), priority, middlewares: [middleware], service };
  return {
    [name]: { ...router, entryPoints: [entryPoint.plain] },
    [`${name}-secure`]: { ...router, entryPoints: [entryPoint.secure], tls: {} },
  };
}
