import type { ParsedApp } from '../definition.ts';
import type { Finding } from '../finding.ts';
import { show } from '../shown.ts';
import { type Rule, unless } from './rule.ts';

/** Numbers of pods, and how they are replaced. */
export const availabilityRules: readonly Rule<ParsedApp>[] = [
  { reads: ['replicas', 'autoscale', 'workload'], check: numberOfPods },
  { reads: ['autoscale'], check: autoscaleRange },
  { reads: ['rollout', 'workload'], check: rollout },
  { reads: ['disruption', 'replicas', 'autoscale', 'workload'], check: disruption },
];

function numberOfPods({ workload, replicas, autoscale }: ParsedApp): readonly Finding[] {
  if (replicas === undefined && autoscale === undefined) return [];
  const daemon = workload === 'DaemonSet';
  return [
    ...unless(!daemon || replicas === undefined, 'daemonset-number', ['replicas'], {
      found: 'replicas on a DaemonSet',
      expected: 'none: a DaemonSet has one pod on each node',
      fix: 'Remove replicas, or make it a Deployment.',
    }),
    ...unless(!daemon || autoscale === undefined, 'daemonset-number', ['autoscale'], {
      found: 'autoscale on a DaemonSet',
      expected: 'none: a DaemonSet has one pod on each node',
      fix: 'Remove autoscale, or make it a Deployment.',
    }),
    ...unless(daemon || replicas === undefined || autoscale === undefined, 'replicas-and-autoscale', ['replicas'], {
      found: 'replicas and autoscale',
      expected: 'one of them: the autoscaler owns the number of pods',
      fix: 'Remove replicas; autoscale.min is the number it starts with.',
    }),
  ];
}

function autoscaleRange({ autoscale }: ParsedApp): readonly Finding[] {
  if (autoscale === undefined) return [];
  const { min, max } = autoscale;
  return unless(min <= max, 'autoscale-range', ['autoscale'], {
    found: `min ${min} above max ${max}`,
    expected: 'min at most max',
    fix: 'Swap them, or raise max.',
  });
}

function rollout({ rollout: written, workload }: ParsedApp): readonly Finding[] {
  if (written === undefined) return [];
  const { strategy, maxSurge, maxUnavailable } = written;
  const daemon = workload === 'DaemonSet';
  const recreate = strategy === 'recreate';
  return [
    ...unless(!(daemon && recreate), 'rollout-strategy', ['rollout', 'strategy'], {
      found: '"recreate" on a DaemonSet',
      expected: '"rolling"',
      fix: 'Remove strategy.',
    }),
    ...unless(!recreate || (maxSurge === undefined && maxUnavailable === undefined), 'rollout-strategy', ['rollout'], {
      found: '"recreate" with maxSurge or maxUnavailable',
      expected: 'neither: all pods stop before new ones start',
      fix: 'Remove maxSurge and maxUnavailable, or take "rolling".',
    }),
    ...unless(!(isZero(maxSurge) && isZero(maxUnavailable)), 'rollout-stuck', ['rollout'], {
      found: 'maxSurge 0 and maxUnavailable 0',
      expected: 'one of them above 0, or no pod can ever be replaced',
      fix: 'Set maxSurge to 1.',
    }),
    ...unless(!(daemon && above(maxSurge) && above(maxUnavailable)), 'rollout-strategy', ['rollout'], {
      found: 'maxSurge and maxUnavailable on a DaemonSet',
      expected: 'one of them above 0',
      fix: 'Remove one.',
    }),
  ];
}

function disruption({ disruption: budget, replicas, autoscale, workload }: ParsedApp): readonly Finding[] {
  const smallest = autoscale?.min ?? replicas ?? 2;
  const fixed = budget !== undefined && 'minAvailable' in budget ? budget.minAvailable : undefined;
  const blocks = fixed === '100%' || (typeof fixed === 'number' && fixed >= smallest && workload !== 'DaemonSet');
  if (!blocks) return [];
  return unless(false, 'disruption-blocks', ['disruption', 'minAvailable'], {
    found: `${show(fixed, [])} of ${smallest} pods`,
    expected: 'fewer than the pods there are, or no node can ever be drained',
    fix: 'Lower it, or write maxUnavailable: 1.',
  });
}

function isZero(value: number | string | undefined): boolean {
  return value === 0 || value === '0%';
}

function above(value: number | string | undefined): boolean {
  return value !== undefined && !isZero(value);
}
