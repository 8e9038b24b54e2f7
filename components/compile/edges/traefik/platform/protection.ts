import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { edgeNameOf, entryPointPort, sidecarHealthPort } from '../names.ts';
import { edgeSelector } from './daemon-set.ts';
import { clusterMeta, edgeMeta } from './meta.ts';

/** Scheduled before apps and never put off a node for one; below what the cluster itself runs on. */
export function priorityClass(environment: EnvironmentPlan): KubeObject {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: clusterMeta(edgeNameOf(environment)),
    value: 1_000_000_000,
    globalDefault: false,
    description: 'The front door: every app is unreachable without it.',
  };
}

/** One edge pod at a time may be evicted. A number, since a DaemonSet has no scale to take a share of. */
export function disruptionBudget(environment: EnvironmentPlan): readonly KubeObject[] {
  if (environment.edgeNodes.count < 2) return [];
  const spec = {
    minAvailable: environment.edgeNodes.count - 1,
    selector: { matchLabels: edgeSelector(environment) },
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
  };
  return [
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: edgeMeta(environment, edgeNameOf(environment)),
      spec,
    },
  ];
}

/** Namespaces with this label may read the edge's metrics. */
const metricsLabel = { 'edgeplane.dev/reads-metrics': 'true' };

/** Clients reach the two doors; metrics and health only the edge's own namespace and those that ask by label. */
export function networkPolicy(environment: EnvironmentPlan): readonly KubeObject[] {
  if (!environment.networkPolicy) return [];
  const port = (number: number) => ({ protocol: 'TCP', port: number });
  const spec = {
    podSelector: { matchLabels: edgeSelector(environment) },
    policyTypes: ['Ingress'],
    ingress: [
      { ports: [port(entryPointPort.plain), port(entryPointPort.secure)] },
      {
        from: [{ podSelector: {} }, { namespaceSelector: { matchLabels: metricsLabel } }],
        ports: [port(entryPointPort.admin), port(sidecarHealthPort)],
      },
    ],
  };
  return [
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: edgeMeta(environment, edgeNameOf(environment)),
      spec,
    },
  ];
}
