import type { HorizontalPodAutoscaler, MetricSpec } from 'kubernetes-types/autoscaling/v2';
import type { AppMetadata } from '../metadata.ts';
import type { KubeObject } from '../output.ts';
import type { AppPlan, WorkloadPlan } from '../plan.ts';

/** The autoscaler, the only owner of the number of pods where there is one. */
export function autoscalerObject(
  metadata: AppMetadata,
  app: AppPlan,
  { autoscale, kind }: WorkloadPlan,
): readonly KubeObject[] {
  if (autoscale === null) return [];
  const object = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadata(app.name),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind, name: app.name },
      minReplicas: autoscale.min,
      maxReplicas: autoscale.max,
      metrics: [
        utilization('cpu', autoscale.cpuPercent),
        ...(autoscale.memoryPercent === null ? [] : [utilization('memory', autoscale.memoryPercent)]),
      ],
    },
  } satisfies HorizontalPodAutoscaler;
  return [object];
}

function utilization(name: 'cpu' | 'memory', averageUtilization: number): MetricSpec {
  return { type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization } } };
}
