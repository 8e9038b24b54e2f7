import { privateRanges } from '../../../../model/address.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import type { MiddlewareSpec } from '../generated/types.ts';

/** Name of what stands before every route of the internal edge. */
export const privateOnly = 'edgeplane-private-only';

/**
 * Answers 403 to everyone from outside of the ranges the internal edge is for. The load balancer refuses them already;
 * this holds too where somebody opens it, and on host ports, which have no load balancer.
 */
export function privateOnlySpec({ exposure, trustedProxies }: EnvironmentPlan): MiddlewareSpec {
  const sourceRange = exposure.kind === 'loadBalancer' ? [...exposure.sourceRanges] : [...privateRanges];
  const ipStrategy = trustedProxies.length === 0 ? {} : { ipStrategy: { excludedIPs: [...trustedProxies] } };
  return { ipAllowList: { sourceRange, ...ipStrategy } };
}
