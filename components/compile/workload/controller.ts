import type { DaemonSet, Deployment } from 'kubernetes-types/apps/v1';
import { annotation, appAnnotations, appLabels, appNameLabel } from '../metadata.ts';
import type { KubeObject } from '../output.ts';
import type { AppPlan, Plan, WorkloadPlan } from '../plan.ts';
import { filesName } from './files.ts';
import { podTemplate } from './pod.ts';

/** Old revisions kept for a rollback. */
const revisionHistoryLimit = 3;

/** The Deployment or DaemonSet of an app. */
export function workloadObject(plan: Pick<Plan, 'environment'>, app: AppPlan, workload: WorkloadPlan): KubeObject {
  const labels = appLabels(app);
  const annotations = appAnnotations(plan, app);
  const metadata = {
    name: app.name,
    namespace: app.namespace,
    labels,
    annotations: { ...annotations, ...reasons(workload) },
  };
  const owner = { name: app.name, labels, annotations, filesName: filesName(app) };
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
          metadata,
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
          metadata,
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
