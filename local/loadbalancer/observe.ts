import type { Node, Service } from 'kubernetes-types/core/v1';
import { annotations, type BalancedNode, type BalancedPort, type BalancedService, loadBalancerClass } from './model.ts';

/** Reads what matters of a Service as the API server gives it. */
export function observeService(service: Service): BalancedService {
  const { metadata = {}, spec = {}, status = {} } = service;
  const ours = (spec.loadBalancerClass ?? loadBalancerClass) === loadBalancerClass;
  const notes = metadata.annotations ?? {};
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    createdAt: String(metadata.creationTimestamp ?? ''),
    wanted: spec.type === 'LoadBalancer' && ours && metadata.deletionTimestamp === undefined,
    ours,
    requestedAddress: notes[annotations.address] || spec.loadBalancerIP || undefined,
    ingress: (status.loadBalancer?.ingress ?? []).map(observeIngress),
    ports: (spec.ports ?? []).map(observePort),
    local: spec.externalTrafficPolicy === 'Local',
    healthCheckNodePort: spec.healthCheckNodePort || undefined,
    sources: (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()).toSorted(),
    sticky: spec.sessionAffinity === 'ClientIP',
    clientAddress: notes[annotations.clientAddress] ?? 'preserved',
  };
}

function observeIngress(entry: { readonly ip?: string; readonly ipMode?: string }) {
  return { ip: entry.ip, ipMode: entry.ipMode };
}

function observePort(port: NonNullable<NonNullable<Service['spec']>['ports']>[number]): BalancedPort {
  return { protocol: port.protocol ?? 'TCP', port: port.port, nodePort: port.nodePort || undefined };
}

const excludeLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';

/** Reads what matters of a Node; one without an internal address is not there yet. */
export function observeNode(node: Node): readonly BalancedNode[] {
  const address = node.status?.addresses?.find((entry) => entry.type === 'InternalIP')?.address;
  const { name, labels = {}, deletionTimestamp } = node.metadata ?? {};
  if (address === undefined || name === undefined) return [];
  return [
    {
      name,
      address,
      ready: node.status?.conditions?.some((entry) => entry.type === 'Ready' && entry.status === 'True') ?? false,
      excluded: deletionTimestamp !== undefined || excludeLabel in labels,
    },
  ];
}
