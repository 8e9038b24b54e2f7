import type { LabelSelector } from 'kubernetes-types/meta/v1';
import type {
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from 'kubernetes-types/networking/v1';
import type { KubeObject } from './output.ts';

/** A pod as network policies see it. */
export interface PolicyPod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Labels of its namespace; `kubernetes.io/metadata.name` is added, as the API server does. */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  /** Container ports by name, for rules that name them. */
  readonly ports?: Readonly<Record<string, number>>;
  readonly address?: string;
}

/** One end of a connection: a pod, or an IPv4 address outside the cluster. */
export type PolicyEnd = PolicyPod | { readonly address: string };

export interface Traffic {
  readonly from: PolicyEnd;
  readonly to: PolicyEnd;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
}

/**
 * Whether NetworkPolicies let a connection through, by the rules of networking.k8s.io/v1: a pod that no policy of a
 * direction selects is open in it; one that is selected takes only what some rule lets in. Both ends must agree.
 */
export function isAllowed(policies: readonly KubeObject[], traffic: Traffic): boolean {
  return (
    directionAllows(policies, 'Egress', traffic.from, traffic.to, traffic) &&
    directionAllows(policies, 'Ingress', traffic.to, traffic.from, traffic)
  );
}

function directionAllows(
  policies: readonly KubeObject[],
  direction: 'Ingress' | 'Egress',
  subject: PolicyEnd,
  other: PolicyEnd,
  traffic: Traffic,
): boolean {
  if (!isPod(subject)) return true;
  const specs = policies
    .filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.namespace === subject.namespace)
    .map(({ spec }) => spec as NetworkPolicySpec)
    .filter((spec) => typesOf(spec).includes(direction) && selects(spec.podSelector, subject.labels));
  if (specs.length === 0) return true;
  return specs.some(({ ingress, egress }) => {
    const rules: readonly (NetworkPolicyIngressRule & NetworkPolicyEgressRule)[] =
      (direction === 'Ingress' ? ingress : egress) ?? [];
    return rules.some(
      ({ from, to, ports }) =>
        peersMatch(direction === 'Ingress' ? from : to, other, subject.namespace) && portsMatch(ports, traffic),
    );
  });
}

/** As the API server fills it in: Ingress always, Egress where there are such rules. */
function typesOf({ policyTypes, egress }: NetworkPolicySpec): readonly string[] {
  return policyTypes ?? (egress === undefined || egress.length === 0 ? ['Ingress'] : ['Ingress', 'Egress']);
}

function peersMatch(peers: readonly NetworkPolicyPeer[] | undefined, end: PolicyEnd, namespace: string): boolean {
  if (peers === undefined || peers.length === 0) return true;
  return peers.some((peer) => peerMatches(peer, end, namespace));
}

function peerMatches(peer: NetworkPolicyPeer, end: PolicyEnd, namespace: string): boolean {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  if (ipBlock !== undefined) {
    const { address } = end;
    if (address === undefined || !isWithin(address, ipBlock.cidr)) return false;
    return !(ipBlock.except ?? []).some((range) => isWithin(address, range));
  }
  if (!isPod(end)) return false;
  const inNamespace =
    namespaceSelector === undefined
      ? end.namespace === namespace
      : selects(namespaceSelector, { ...end.namespaceLabels, 'kubernetes.io/metadata.name': end.namespace });
  return inNamespace && (podSelector === undefined || selects(podSelector, end.labels));
}

function portsMatch(ports: readonly NetworkPolicyPort[] | undefined, traffic: Traffic): boolean {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some(({ protocol = 'TCP', port, endPort }) => {
    if (protocol !== traffic.protocol) return false;
    if (port === undefined) return true;
    if (typeof port === 'string') return isPod(traffic.to) && traffic.to.ports?.[port] === traffic.port;
    return endPort === undefined ? port === traffic.port : port <= traffic.port && traffic.port <= endPort;
  });
}

function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === 'Exists') return value !== undefined;
      if (operator === 'DoesNotExist') return value === undefined;
      const listed = value !== undefined && values.includes(value);
      return operator === 'In' ? listed : operator === 'NotIn' && !listed;
    })
  );
}

function isPod(end: PolicyEnd): end is PolicyPod {
  return 'namespace' in end;
}

/** IPv4 only; nothing that we derive compares IPv6 addresses. */
function isWithin(address: string, cidr: string): boolean {
  const [network = '', bits = '32'] = cidr.split('/');
  const mask = 2 ** (32 - Number(bits));
  const [left, right] = [ipv4(address), ipv4(network)];
  return left !== null && right !== null && Math.floor(left / mask) === Math.floor(right / mask);
}

function ipv4(text: string): number | null {
  const parts = text.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return null;
  return parts.reduce((value, part) => value * 256 + part, 0);
}
