import type { ParsedApp } from '../../model/definition.ts';
import { durationMs } from '../../model/schema/leaf.ts';
import { defaults } from '../defaults.ts';
import type { WorkloadPlan } from '../plan.ts';
import type { Report } from './definition.ts';

type Availability = Pick<WorkloadPlan, 'kind' | 'replicas' | 'autoscale' | 'rollout' | 'disruption'>;
type Count = number | string;

/** Replicas, autoscaler, rollout, drain and disruption budget, derived together so that none works against another. */
export function availability(app: ParsedApp, serves: boolean, report: Report): Availability {
  const kind = app.workload ?? 'Deployment';
  const replicas = app.replicas ?? defaults.workload.replicas;
  const least = app.autoscale?.min ?? replicas;
  return {
    kind,
    replicas: kind === 'DaemonSet' || app.autoscale !== undefined ? null : replicas,
    autoscale: autoscalePlan(app, kind),
    rollout: rolloutPlan(app, kind, serves, report),
    disruption: kind === 'DaemonSet' ? daemonBudget(app, report) : budget(app, least, report),
  };
}

function autoscalePlan(app: ParsedApp, kind: WorkloadPlan['kind']): WorkloadPlan['autoscale'] {
  if (app.autoscale === undefined || kind === 'DaemonSet') return null;
  const { min, max, cpuPercent, memoryPercent } = app.autoscale;
  return {
    min,
    max,
    cpuPercent: cpuPercent ?? defaults.workload.autoscaleCpuPercent,
    memoryPercent: memoryPercent ?? null,
  };
}

function rolloutPlan(
  app: ParsedApp,
  kind: WorkloadPlan['kind'],
  serves: boolean,
  report: Report,
): WorkloadPlan['rollout'] {
  const written = app.rollout;
  const strategy = written?.strategy ?? 'rolling';
  const daemon = kind === 'DaemonSet';
  const surgeGiven = written?.maxSurge !== undefined && !isZero(written.maxSurge);
  const { maxSurge, maxUnavailable, daemonMaxSurge, daemonMaxUnavailable } = defaults.workload;
  const rollout = {
    strategy,
    maxSurge: written?.maxSurge ?? (daemon ? daemonMaxSurge : maxSurge),
    maxUnavailable: written?.maxUnavailable ?? (daemon && !surgeGiven ? daemonMaxUnavailable : maxUnavailable),
    minReadySeconds: written?.minReadySeconds ?? defaults.workload.minReadySeconds,
    drainSeconds: written?.drain === undefined ? defaults.workload.drainSeconds : seconds(written.drain),
    preStopSeconds: serves ? defaults.workload.preStopSeconds : 0,
    progressDeadlineSeconds:
      written?.progressDeadline === undefined
        ? defaults.workload.progressDeadlineSeconds
        : seconds(written.progressDeadline),
  };
  reportRollout(kind, rollout, report);
  return rollout;
}

function reportRollout(kind: WorkloadPlan['kind'], rollout: WorkloadPlan['rollout'], report: Report): void {
  const { strategy, maxSurge, maxUnavailable, minReadySeconds, progressDeadlineSeconds } = rollout;
  if (strategy === 'rolling' && isZero(maxSurge) && isZero(maxUnavailable))
    report(['rollout'], 'rollout-stuck', {
      found: `maxSurge ${maxSurge} and maxUnavailable ${maxUnavailable}`,
      expected: 'one of them above 0, or no pod can ever be replaced',
      fix: 'Set maxSurge to 1, or maxUnavailable to 1.',
    });
  else if (kind === 'DaemonSet' && !isZero(maxSurge) && !isZero(maxUnavailable))
    report(['rollout'], 'daemonset-strategy', {
      found: `maxSurge ${maxSurge} and maxUnavailable ${maxUnavailable}`,
      expected: 'one of them 0 on a DaemonSet',
      fix: 'Keep maxUnavailable alone, or maxSurge alone.',
    });
  if (kind === 'Deployment' && minReadySeconds >= progressDeadlineSeconds)
    report(['rollout', 'minReadySeconds'], 'progress-deadline', {
      found: `${minReadySeconds}, not below the progress deadline of ${progressDeadlineSeconds}s`,
      expected: 'minReadySeconds below progressDeadline',
      fix: 'Raise progressDeadline or lower minReadySeconds.',
    });
}

/** A budget never blocks a drain for good: one pod may always go. */
function budget(app: ParsedApp, least: number, report: Report): WorkloadPlan['disruption'] {
  const written = app.disruption;
  if (written === undefined) return least >= 2 ? { maxUnavailable: defaults.workload.disruptionMaxUnavailable } : null;
  if ('none' in written) return null;
  if ('minAvailable' in written && podsOf(written.minAvailable, least) >= least)
    report(['disruption', 'minAvailable'], 'budget-blocks-drain', {
      found: `${written.minAvailable} of at least ${least} ${least === 1 ? 'pod' : 'pods'}`,
      expected: `fewer than the least number of pods (${least}), or no node can ever be drained`,
      fix:
        least > 1 ? 'Lower minAvailable, or write maxUnavailable: 1.' : 'Raise replicas, or write maxUnavailable: 1.',
    });
  return written;
}

function daemonBudget(app: ParsedApp, report: Report): null {
  if (app.disruption !== undefined && !('none' in app.disruption))
    report(['disruption'], 'daemonset-budget', {
      found: 'a disruption budget for a DaemonSet',
      expected: 'none: a drain leaves DaemonSet pods where they are, and the budget cannot count them',
      fix: 'Take disruption away; rollout.maxUnavailable bounds what a rollout takes down.',
    });
  return null;
}

/** As the disruption controller counts: percentages round up. */
function podsOf(count: Count, of: number): number {
  return typeof count === 'number' ? count : Math.ceil((Number(count.slice(0, -1)) * of) / 100);
}

function isZero(count: Count): boolean {
  return count === 0 || count === '0%' || count === '00%' || count === '000%';
}

/** Whole seconds, rounded up: pods know no finer time. */
function seconds(duration: string): number {
  return Math.ceil(durationMs(duration) / 1000);
}
