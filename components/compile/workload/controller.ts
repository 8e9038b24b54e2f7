import type { DaemonSet, Deployment } from 'kubernetes-types/apps/v1';
import { type AppMetadata, annotation, appNameLabel } from '../metadata.ts';
import type { KubeObject, PodMarks } from '../output.ts';
import type { AppPlan, WorkloadPlan } from '../plan.ts';
import { podTemplate } from './pod.ts';

/** Old revisions kept for a rollback. */
const revisionHistoryLimit = 3;

/** The Deployment or DaemonSet of an app. `marks`: what its edge reads on the pods. */
export function workloadObject(
  metadata: AppMetadata,
  app: AppPlan,
  workload: WorkloadPlan,
  marks: PodMarks | null,
): KubeObject {
  const { labels, annotations } = metadata(app.name);
  const owner = {
    name: app.name,
    labels: { ...labels, ...marks?.labels },
    annotations: { ...annotations, ...marks?.annotations },
  };
  const shared = {
    selector: { matchLabels: { [appNameLabel]: app.name } },
    template: podTemplate(owner, workload),
    minReadySeconds: workload.rollout.minReadySeconds,
    revisionHistoryLimit,
  };
  const object =
    workload.kind === 'Deployment'
      ? ({
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: metadata(app.name, reasons(workload)),
          spec: {
            ...(workload.replicas === null ? {} : { replicas: workload.replicas }),
            progressDeadlineSeconds: workload.rollout.progressDeadlineSeconds,
            strategy: deploymentStrategy(workload.rollout),
            ...shared,
          },
        } satisfies Deployment)
      : ({
          apiVersion: 'apps/v1',
          kind: 'DaemonSet',
          metadata: metadata(app.name, reasons(workload)),
          spec: {
            updateStrategy: { type: 'RollingUpdate', rollingUpdate: steps(workload.rollout) },
            ...shared,
          },
        } satisfies DaemonSet);
  return object;
}

function deploymentStrategy(rollout: WorkloadPlan['rollout']) {
  return rollout.strategy === 'recreate'
    ? { type: 'Recreate' }
    : { type: 'RollingUpdate', rollingUpdate: steps(rollout) };
}

function steps({ maxSurge, maxUnavailable }: WorkloadPlan['rollout']) {
  return { maxSurge, maxUnavailable };
}

/** What the author left out or loosened, with the reason, for policies and tables. */
function reasons({ security, serviceAccount, without }: WorkloadPlan): Readonly<Record<string, string>> {
  return {
    ...(security.writableRootFilesystem === null
      ? {}
      : { [annotation.writableRootReason]: security.writableRootFilesystem }),
    ...(serviceAccount.mountToken === null ? {} : { [annotation.mountTokenReason]: serviceAccount.mountToken }),
    ...(without.readiness === null ? {} : { [annotation.noReadinessReason]: without.readiness }),
    ...(without.disruptionBudget === null ? {} : { [annotation.noBudgetReason]: without.disruptionBudget }),
  };
}
