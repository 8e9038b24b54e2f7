import type { EnvironmentPlan } from './plan.ts';

/** Whether every connection begins with a header that says who the client is. */
export function speaksProxyProtocol(exposure: EnvironmentPlan['exposure']): boolean {
  return exposure.kind === 'loadBalancer' && exposure.clientAddress === 'proxyProtocol';
}
