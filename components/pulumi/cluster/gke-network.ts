import { Address, Firewall, Network, Router, RouterNat, Subnetwork } from '@pulumi/gcp/compute/index.js';
import { type ComponentResource, type Output, output } from '@pulumi/pulumi';
import type { GkeSpec } from './gke-spec.ts';

export interface GkeNetwork {
  readonly network: Network;
  readonly subnetwork: Subnetwork;
  /** Nodes without public addresses pull images through it. */
  readonly nat: RouterNat;
}

/** Names of the secondary ranges of the subnetwork. */
export const podRange = 'pods';
export const serviceRange = 'services';

/** A network of its own with one subnetwork, and a way out for nodes that have no public address. */
export function gkeNetwork(name: string, { project, region, ranges }: GkeSpec, parent: ComponentResource): GkeNetwork {
  const network = new Network(name, { project, autoCreateSubnetworks: false, routingMode: 'REGIONAL' }, { parent });
  const subnetwork = new Subnetwork(
    name,
    {
      project,
      region,
      network: network.id,
      ipCidrRange: ranges.nodes,
      privateIpGoogleAccess: true,
      secondaryIpRanges: [
        { rangeName: podRange, ipCidrRange: ranges.pods },
        { rangeName: serviceRange, ipCidrRange: ranges.services },
      ],
      logConfig: { aggregationInterval: 'INTERVAL_10_MIN', flowSampling: 0.5, metadata: 'INCLUDE_ALL_METADATA' },
    },
    { parent },
  );
  const router = new Router(name, { project, region, network: network.id }, { parent });
  const nat = new RouterNat(
    name,
    {
      project,
      region,
      router: router.name,
      natIpAllocateOption: 'AUTO_ONLY',
      sourceSubnetworkIpRangesToNat: 'LIST_OF_SUBNETWORKS',
      subnetworks: [{ name: subnetwork.id, sourceIpRangesToNats: ['ALL_IP_RANGES'] }],
      logConfig: { enable: true, filter: 'ERRORS_ONLY' },
    },
    { parent },
  );
  return { network, subnetwork, nat };
}

/** Where Google's load balancers ask for health: passthrough external ones from all four, internal ones from the first two. */
const healthCheckRanges = ['35.191.0.0/16', '130.211.0.0/22', '209.85.152.0/22', '209.85.204.0/22'];
/** `externalTrafficPolicy: Local` has its health asked on a node port. */
const healthCheckPorts = ['30000-32767'];
/** GKE opens each load balancer's address on all nodes at 1000; a lower number is looked at first. */
const priority = { allow: 800, deny: 900 } as const;

/** Tag on every node of the cluster. */
export const nodeTagOf = ({ name }: GkeSpec): string => `${name}-node`;

/**
 * Opens the edge's ports on the edge nodes alone: what is not allowed to the load balancer's address is denied on all
 * nodes before the rules that GKE makes for it are looked at. Rules name the address, so nothing else is touched.
 */
export function gkeFirewall(
  name: string,
  spec: GkeSpec,
  { network }: GkeNetwork,
  address: Output<string> | null,
  parent: ComponentResource,
): readonly Firewall[] {
  const { exposure, edgePool, project } = spec;
  const base = { project, network: network.id, direction: 'INGRESS', logConfig: { metadata: 'INCLUDE_ALL_METADATA' } };
  const destinations = address === null ? {} : { destinationRanges: [address.apply((text) => `${text}/32`)] };
  const edge = new Firewall(
    `${name}-edge`,
    {
      ...base,
      ...destinations,
      description: 'Clients reach the edge, on edge nodes only',
      priority: priority.allow,
      sourceRanges: [...exposure.sourceRanges],
      targetTags: [edgePool.networkTag],
      allows: [{ protocol: 'tcp', ports: exposure.ports.map(String) }],
    },
    { parent },
  );
  if (address === null) return [edge];
  const health = new Firewall(
    `${name}-edge-health`,
    {
      ...base,
      description: 'Load balancers ask edge nodes whether an edge pod serves there',
      priority: priority.allow,
      sourceRanges: healthCheckRanges,
      targetTags: [edgePool.networkTag],
      allows: [{ protocol: 'tcp', ports: healthCheckPorts }],
    },
    { parent },
  );
  const closed = new Firewall(
    `${name}-edge-closed`,
    {
      ...base,
      ...destinations,
      description: 'Nothing else reaches the address of the edge, on whatever node',
      priority: priority.deny,
      sourceRanges: ['0.0.0.0/0'],
      targetTags: [nodeTagOf(spec)],
      denies: [{ protocol: 'all' }],
    },
    { parent },
  );
  return [edge, health, closed];
}

/**
 * The address of the edge, reserved so that it outlives the load balancer. A public one that the environment names was
 * reserved elsewhere; null where nodes are reached themselves.
 */
export function gkeAddress(
  name: string,
  { project, region, exposure, production }: GkeSpec,
  { subnetwork }: GkeNetwork,
  parent: ComponentResource,
): Output<string> | null {
  if (exposure.kind === 'nodes') return null;
  const { address } = exposure;
  if (address !== null && exposure.kind === 'external') return output(address);
  const kind =
    exposure.kind === 'internal'
      ? { addressType: 'INTERNAL', subnetwork: subnetwork.id, ...(address === null ? {} : { address }) }
      : { addressType: 'EXTERNAL', networkTier: 'PREMIUM' };
  // Names in DNS point at it.
  return new Address(`${name}-edge`, { project, region, ...kind }, { parent, protect: production }).address;
}
