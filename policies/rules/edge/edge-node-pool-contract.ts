import { documented } from '../facts.ts';
import { field, isStated, text } from '../fields.ts';
import type { EachRule } from '../rule.ts';
import { count, isEdgePool, poolTaints, usualLabel, usualTaint } from './edge-workload.ts';

const refusing: ReadonlySet<string> = new Set(['NO_SCHEDULE', 'NO_EXECUTE']);

export const edgeNodePoolContract: EachRule = {
  id: 'edge-node-pool-contract',
  title: 'A pool of edge nodes is labelled, tainted, tagged, and replaced one more before one less',
  reason:
    'The label brings the edge, the taint keeps others away, the tag is what firewalls open to, and surge keeps a node serving.',
  severity: 'high',
  expected: `the label ${usualLabel.key}, the taint ${usualTaint.key} with NO_SCHEDULE, a network tag, maxSurge 1 and maxUnavailable 0`,
  fix: 'Make the pool by GkeCluster, or mend what was changed by hand. A changed taint makes a new pool.',
  link: documented('edge-node-pool-contract'),
  standard: null,
  scope: 'each',
  *judge(subject) {
    if (!isEdgePool(subject)) return;
    const inputs = subject.properties;
    const label = text(inputs, 'nodeConfig', 'labels', usualLabel.key);
    if (label !== usualLabel.value)
      yield { path: ['nodeConfig', 'labels', usualLabel.key], found: label === '' ? 'nothing' : label };
    const taint = poolTaints(inputs).find(({ key, value }) => key === usualTaint.key && value === usualTaint.value);
    if (taint === undefined) yield { path: ['nodeConfig', 'taints'], found: `no taint ${usualTaint.key}` };
    else if (!refusing.has(taint.effect)) yield { path: ['nodeConfig', 'taints'], found: taint.effect || 'no effect' };
    if (!isStated(inputs, 'nodeConfig', 'tags', 0)) yield { path: ['nodeConfig', 'tags'], found: 'no network tag' };
    const [surge, unavailable] = [count(inputs, ...upgrade, 'maxSurge'), count(inputs, ...upgrade, 'maxUnavailable')];
    if (field(inputs, ...upgrade, 'strategy') === 'BLUE_GREEN' || (surge !== null && surge > 0 && unavailable === 0))
      return;
    yield { path: upgrade, found: `maxSurge ${surge ?? 'unset'} and maxUnavailable ${unavailable ?? 'unset'}` };
  },
};

const upgrade = ['upgradeSettings'];
