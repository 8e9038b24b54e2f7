import { privateRanges } from '../../../../model/address.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import type { MiddlewareSpec } from '../generated/types.ts';

/** Name of what stands before every route of the internal edge. */
export const privateOnly = 'edgeplane-private-only';

/**
 * Answers 403 to everyone from outside of the ranges the internal edge is for, by the address of the connection, or the
 * one of the PROXY header. The load balancer refuses them already; this holds too where somebody opens it, and on host
 * ports, which have no load balancer. What headers tell cannot be looked at for all routes at once: with `excludedIPs`
 * Traefik refuses whoever sends no header. Hence the problem `internal-proxies`.
 */
export function privateOnlySpec({ exposure }: EnvironmentPlan): MiddlewareSpec {
  return {
    ipAllowList: { sourceRange: exposure.kind === 'loadBalancer' ? [...exposure.sourceRanges] : [...privateRanges] },
  };
}
