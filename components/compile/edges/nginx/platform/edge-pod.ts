import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Container, Volume } from 'kubernetes-types/core/v1';
import { defaults } from '../../../defaults.ts';
import { edgePodLabels, platformLabels } from '../../../metadata.ts';
import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { restrictedContainer } from '../../../workload/container.ts';
import { restrictedPod } from '../../../workload/pod.ts';
import { edgeNameOf } from '../../traefik/names.ts';
import { edgeSelector } from '../../traefik/platform/daemon-set.ts';
import { edgeMeta } from '../../traefik/platform/meta.ts';

/** After the drain, before the kubelet kills. */
const stopMarginSeconds = 10;

/** What one server of an edge puts into the pods that every edge has alike. */
export interface EdgePod {
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
  /** On the pod template; a change rolls the pods. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** One pod on every edge node: their label and taint, Pod Security restricted, as long to stop as the drain takes. */
export function edgeDaemonSet(environment: EnvironmentPlan, { containers, volumes, annotations }: EdgePod): KubeObject {
  const { label, taint } = environment.edgeNodes;
  const { runAsUser } = defaults.workload;
  const object = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: edgeMeta(environment, edgeNameOf(environment)),
    spec: {
      selector: { matchLabels: edgeSelector(environment) },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: rollout(environment) },
      minReadySeconds: 5,
      template: {
        metadata: {
          labels: { ...platformLabels(edgeNameOf(environment)), ...edgePodLabels },
          annotations: { ...annotations, 'prometheus.io/scrape': 'true' },
        },
        spec: {
          serviceAccountName: edgeNameOf(environment),
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          priorityClassName: edgeNameOf(environment),
          terminationGracePeriodSeconds: environment.drainSeconds + stopMarginSeconds,
          nodeSelector: { [label.key]: label.value },
          tolerations: [{ key: taint.key, operator: 'Equal', value: taint.value, effect: taint.effect }],
          securityContext: restrictedPod(runAsUser, runAsUser),
          containers: [...containers],
          volumes: [...volumes],
        },
      },
    },
  } satisfies DaemonSet;
  return object;
}

/** On the pod network the new pod serves before the old one goes. A host port has room for one, so there is a gap. */
function rollout({ exposure }: EnvironmentPlan) {
  return exposure.kind === 'loadBalancer' ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 1 };
}

/** A container's resources and rights. No limit on CPU: throttled, the edge is slow for everyone. */
export function edgeContainer(
  { edgeResources: { cpu, memory } }: EnvironmentPlan,
  disk: string,
): Pick<Container, 'imagePullPolicy' | 'resources' | 'securityContext'> {
  return {
    imagePullPolicy: 'IfNotPresent',
    resources: {
      requests: { cpu, memory, 'ephemeral-storage': '256Mi' },
      limits: { memory, 'ephemeral-storage': disk },
    },
    securityContext: restrictedContainer({ readOnlyRoot: true, bindLowPorts: false }),
  };
}
