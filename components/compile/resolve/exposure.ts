import type { EnvironmentPlan, ExposurePlan } from '../plan.ts';
import { speaksProxyProtocol } from '../proxy-protocol.ts';
import { quote, type Report } from './definition.ts';

type LoadBalancer = Extract<ExposurePlan, { readonly kind: 'loadBalancer' }>;

/** Annotations by which a cloud's load balancer is told to send PROXY protocol, and the values that mean no. */
const sendsProxyProtocol: readonly string[] = [
  'service.beta.kubernetes.io/aws-load-balancer-proxy-protocol',
  'service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol',
  'load-balancer.hetzner.cloud/uses-proxyprotocol',
  'loadbalancer.openstack.org/proxy-protocol',
  'service.beta.kubernetes.io/linode-loadbalancer-proxy-protocol',
  'service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v2',
];
const meansNo: ReadonlySet<string> = new Set(['', 'false', 'none', '0']);

/** Annotations of passthrough load balancers, which keep the client's address and never send PROXY protocol. */
const passthrough: readonly string[] = ['cloud.google.com/l4-rbs', 'networking.gke.io/load-balancer-type'];

/** How the client address arrives is a property of the load balancer; what contradicts it is a problem. */
export function reportExposure({ edge, exposure, trustedProxies }: EnvironmentPlan, report: Report): void {
  if (exposure.kind === 'loadBalancer') reportLoadBalancer(exposure, trustedProxies, report);
  if (edge === 'catalog' && trustedProxies.length > 0 && !speaksProxyProtocol(exposure))
    report(['trustedProxies'], 'internal-proxies', {
      found: quote(trustedProxies[0]),
      expected:
        'no proxy before the internal edge: it lets private addresses in by their connection, and a proxy brings everyone by its own',
      fix: 'Take trustedProxies away, or let the proxy speak PROXY protocol (clientAddress: proxyProtocol).',
    });
}

function reportLoadBalancer(balancer: LoadBalancer, trustedProxies: readonly string[], report: Report): void {
  const at = ['exposure', 'loadBalancer'];
  const { clientAddress, annotations, address } = balancer;
  const sender = sendsProxyProtocol.find((key) => !meansNo.has(annotations[key] ?? ''));
  const direct = passthrough.find((key) => Object.hasOwn(annotations, key));
  if (clientAddress === 'preserved' && sender !== undefined)
    report([...at, 'clientAddress'], 'client-address', {
      found: `"preserved" beside the annotation ${sender}: ${quote(annotations[sender])}`,
      expected: '"proxyProtocol", for the load balancer is told to send it and every request would be refused',
      fix: 'Set clientAddress to proxyProtocol, or take the annotation away.',
    });
  if (clientAddress === 'proxyProtocol' && direct !== undefined)
    report([...at, 'clientAddress'], 'client-address', {
      found: `"proxyProtocol" beside the annotation ${direct}`,
      expected: '"preserved": a passthrough load balancer sends no PROXY protocol',
      fix: 'Set clientAddress to preserved.',
    });
  if (clientAddress === 'proxyProtocol' && trustedProxies.length === 0)
    report(['trustedProxies'], 'proxy-protocol-sender', {
      found: 'no trusted sender for PROXY protocol',
      expected: 'the addresses of the load balancer, or anyone could claim any client address',
      fix: 'List the load balancer’s ranges under trustedProxies.',
    });
  if (address !== null && !/^([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]+)$/.test(address))
    report([...at, 'address'], 'load-balancer-address', {
      found: quote(address),
      expected: 'an IP address that was reserved',
      fix: 'Write the address itself, not its name.',
    });
}
