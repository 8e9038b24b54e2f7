import { type Allocation, allocate } from './allocate.ts';
import {
  annotations,
  type BalancedNode,
  type BalancedPort,
  type BalancedService,
  type ClientAddress,
  type Frontend,
  type IngressAddress,
  serviceKey,
} from './model.ts';

/** What the load balancer is to do about everything it saw. */
export interface Decision {
  readonly frontends: readonly Frontend[];
  /** Every address that is to answer, sorted. */
  readonly addresses: readonly string[];
  /** Statuses that say something else than what is so. */
  readonly statuses: readonly StatusChange[];
  readonly refusals: readonly Refusal[];
}

/** A status to write; an empty `ingress` clears it. */
interface StatusChange {
  readonly service: BalancedService;
  readonly ingress: readonly IngressAddress[];
}

/** Something asked for and not given, for an Event on the Service. */
export interface Refusal {
  readonly service: BalancedService;
  readonly message: string;
}

/** kube-proxy's own health: 200 while the node takes Service traffic and is not being removed. */
const kubeProxyHealthPort = 10256;

/** Decides all of it. Same input, same decision, in an order that does not depend on the input's. */
export function decide(
  services: readonly BalancedService[],
  nodes: readonly BalancedNode[],
  pool: readonly string[],
): Decision {
  const allocations = allocate(services, pool);
  const ordered = services.toSorted((a, b) => (serviceKey(a) < serviceKey(b) ? -1 : 1));
  const results = ordered.map((service) => decideService(service, nodes, allocations.get(serviceKey(service))));
  return {
    frontends: results.flatMap((result) => result.frontends),
    addresses: [
      ...new Set(results.flatMap((result) => result.frontends.map((frontend) => frontend.address))),
    ].toSorted(),
    statuses: ordered.flatMap((service, index) => changedStatus(service, results[index]?.ingress ?? [], pool)),
    refusals: ordered.flatMap((service, i) => (results[i]?.refusals ?? []).map((message) => ({ service, message }))),
  };
}

interface ServiceDecision {
  readonly frontends: readonly Frontend[];
  readonly ingress: readonly IngressAddress[];
  readonly refusals: readonly string[];
}

function decideService(
  service: BalancedService,
  nodes: readonly BalancedNode[],
  allocation: Allocation | undefined,
): ServiceDecision {
  const nothing = { frontends: [], ingress: [] };
  if (allocation === undefined) return { ...nothing, refusals: [] };
  if (allocation.kind === 'refused') return { ...nothing, refusals: [allocation.message] };
  const mode = clientAddressOf(service);
  if (mode === undefined) return { ...nothing, refusals: [unknownMode(service)] };
  const { address } = allocation;
  const served = service.ports.filter((port) => refusalOfPort(port) === undefined);
  const refusals = service.ports.flatMap((port) => refusalOfPort(port) ?? []);
  if (served.length === 0) return { ...nothing, refusals };
  const frontends = served.map((port) => frontendOf(service, port, { address, mode, nodes }));
  return { frontends, ingress: [{ ip: address, ipMode: mode === 'proxyProtocol' ? 'Proxy' : 'VIP' }], refusals };
}

function frontendOf(
  service: BalancedService,
  port: BalancedPort,
  given: { readonly address: string; readonly mode: ClientAddress; readonly nodes: readonly BalancedNode[] },
): Frontend {
  // With Local the health check alone says who serves: a pod may answer on a node whose kubelet is gone.
  const eligible = given.nodes.filter((node) => !node.excluded && (service.local || node.ready));
  const ordered = eligible.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return {
    name: `${service.namespace}.${service.name}.${port.port}`,
    address: given.address,
    port: port.port,
    sources: service.sources,
    clientAddress: given.mode,
    sticky: service.sticky,
    healthPort: (service.local ? service.healthCheckNodePort : undefined) ?? kubeProxyHealthPort,
    servers: ordered.map((node) => ({ name: node.name, address: node.address, port: port.nodePort ?? 0 })),
  };
}

function clientAddressOf(service: BalancedService): ClientAddress | undefined {
  const { clientAddress } = service;
  return clientAddress === 'preserved' || clientAddress === 'proxyProtocol' ? clientAddress : undefined;
}

const unknownMode = (service: BalancedService) =>
  `annotation ${annotations.clientAddress}: found "${service.clientAddress}", expected preserved or proxyProtocol`;

function refusalOfPort(port: BalancedPort): string | undefined {
  if (port.protocol !== 'TCP') {
    return `port ${port.port}/${port.protocol} is not served: this load balancer knows TCP only; remove the port or use a NodePort`;
  }
  return port.nodePort === undefined
    ? `port ${port.port} is not served: it has no node port; set allocateLoadBalancerNodePorts to true`
    : undefined;
}

/** Only an address out of our own pool is ever cleared: another one was written by somebody else. */
function changedStatus(
  service: BalancedService,
  ingress: readonly IngressAddress[],
  pool: readonly string[],
): readonly StatusChange[] {
  if (!service.ours || JSON.stringify(service.ingress) === JSON.stringify(ingress)) return [];
  const foreign = service.ingress.some((entry) => entry.ip === undefined || !pool.includes(entry.ip));
  return ingress.length === 0 && foreign ? [] : [{ service, ingress }];
}
