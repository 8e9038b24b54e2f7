import type {
  NetworkPolicy,
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from 'kubernetes-types/networking/v1';
import { type AppMetadata, appNameLabel, edgePods } from '../metadata.ts';
import type { KubeObject } from '../output.ts';
import type { AppPlan, AppReference, EnvironmentPlan, Plan, PortPlan, ServicePlan, WorkloadPlan } from '../plan.ts';
import { transport } from './container.ts';
import type { Exposed } from './exposed-ports.ts';

/** The label the API server puts on every namespace. */
const namespaceLabel = 'kubernetes.io/metadata.name';

/** What a policy needs to know beyond its own app. */
export interface PolicyContext {
  readonly plan: Plan;
  readonly exposed: Exposed;
  /** Apps by `namespace/name`, for the ports of those that are called. */
  readonly apps: ReadonlyMap<string, AppPlan>;
}

/**
 * Who may reach the pods of an app: the edge, on the ports a route or a protection leads to; declared callers; whoever
 * a Service of type NodePort or LoadBalancer lets in. Everything else is refused. Calls of its own are bounded when declared.
 */
export function networkPolicyObject(
  context: PolicyContext,
  metadata: AppMetadata,
  app: AppPlan,
  workload: WorkloadPlan,
): readonly KubeObject[] {
  const { environment } = context.plan;
  if (!environment.networkPolicy) return [];
  const ports = workload.containers.flatMap((container) => container.ports);
  const egress = app.calls === 'any' ? null : egressRules(app.calls, context.apps);
  const ingress = [
    ...edgeRules(environment, context.exposed.get(`${app.namespace}/${app.name}`) ?? new Set(), ports),
    ...callerRules(app.callers, ports),
    ...outsideRules(app.service),
  ];
  const object = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(app.name),
    spec: {
      podSelector: { matchLabels: { [appNameLabel]: app.name } },
      policyTypes: egress === null ? ['Ingress'] : ['Ingress', 'Egress'],
      // An empty list would mean the same, none is allowed, but servers drop it and so see a change at each apply.
      ...(ingress.length === 0 ? {} : { ingress }),
      ...(egress === null || egress.length === 0 ? {} : { egress }),
    },
  } satisfies NetworkPolicy;
  return [object];
}

/** The edge's pods, as a peer of a policy. */
export function edgePeer(environment: EnvironmentPlan): NetworkPolicyPeer {
  const { namespace, labels } = edgePods(environment);
  return {
    namespaceSelector: { matchLabels: { [namespaceLabel]: namespace } },
    ...(labels === null ? {} : { podSelector: { matchLabels: { ...labels } } }),
  };
}

/**
 * The edge's pods. On the edge catalog they come by node ports, whose sender is a node: no selector names it, so there
 * the ports that routes lead to are open to every address inside the cluster.
 */
function edgeRules(
  environment: EnvironmentPlan,
  exposed: ReadonlySet<number>,
  ports: readonly PortPlan[],
): NetworkPolicyIngressRule[] {
  const reached = ports.filter(({ servicePort }) => exposed.has(servicePort));
  if (reached.length === 0) return [];
  const from = environment.edge === 'catalog' ? {} : { from: [edgePeer(environment)] };
  return [{ ...from, ports: reached.map(policyPort) }];
}

function callerRules(callers: AppPlan['callers'], ports: readonly PortPlan[]): NetworkPolicyIngressRule[] {
  if (ports.length === 0 || (callers !== 'any' && callers.length === 0)) return [];
  const from = callers === 'any' ? {} : { from: callers.map(appPeer) };
  return [{ ...from, ports: ports.map(policyPort) }];
}

/** A Service that is reached from outside the cluster is reached on all of its ports. */
function outsideRules(service: ServicePlan | null): NetworkPolicyIngressRule[] {
  if (service === null || (service.type !== 'NodePort' && service.type !== 'LoadBalancer')) return [];
  const ranges = service.sourceRanges.map((cidr) => ({ ipBlock: { cidr } }));
  return [{ ...(ranges.length === 0 ? {} : { from: ranges }), ports: service.ports.map(policyPort) }];
}

function egressRules(
  calls: Exclude<AppPlan['calls'], 'any'>,
  apps: ReadonlyMap<string, AppPlan>,
): NetworkPolicyEgressRule[] {
  return [
    nameResolution,
    ...calls.map((call): NetworkPolicyEgressRule => {
      if ('cidr' in call)
        return { to: [{ ipBlock: { cidr: call.cidr } }], ports: [{ protocol: 'TCP', port: call.port }] };
      const called = apps.get(`${call.namespace}/${call.app}`)?.workload?.containers ?? [];
      return { to: [appPeer(call)], ports: called.flatMap(({ ports }) => ports.map(policyPort)) };
    }),
  ];
}

/** Names are asked of the cluster's DNS, wherever its pods are kept and whatever the calls. */
const nameResolution: NetworkPolicyEgressRule = Object.freeze({
  to: [
    {
      namespaceSelector: { matchLabels: { [namespaceLabel]: 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
});

function appPeer({ namespace, app }: AppReference): NetworkPolicyPeer {
  return {
    namespaceSelector: { matchLabels: { [namespaceLabel]: namespace } },
    podSelector: { matchLabels: { [appNameLabel]: app } },
  };
}

/** Policies see the pod's port, not the Service's. */
function policyPort({ containerPort, protocol }: PortPlan): NetworkPolicyPort {
  return { protocol: transport(protocol), port: containerPort };
}
