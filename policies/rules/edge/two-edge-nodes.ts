import { documented, fact, facts } from '../facts.ts';
import { isStated, parts } from '../fields.ts';
import type { EachRule, Fault, Subject } from '../rule.ts';
import { count, edgePodOf, isEdgePool } from './edge-workload.ts';

export const twoEdgeNodes: EachRule = {
  id: 'two-edge-nodes',
  title: 'Production has two edge nodes in two zones',
  reason: 'With one node every repair of it is an outage of everything behind it.',
  severity: 'critical',
  expected: 'at least 2 nodes, in 2 zones',
  fix: 'Raise edgeNodes.count of the environment, and give the pool two zones.',
  link: documented('two-edge-nodes'),
  standard: null,
  scope: 'each',
  *judge(subject) {
    if (subject.tier !== 'production') return;
    if (isEdgePool(subject)) yield* poolFaults(subject);
    if (edgePodOf(subject) === null) return;
    const told = fact(subject, 'edgeNodes');
    if (Number(told) >= 2) return;
    yield { path: ['metadata', 'annotations', facts.edgeNodes], found: told === '' ? 'nothing' : told };
  },
};

/** Counts of a pool are for each zone, but for the totals of an autoscaler. */
function* poolFaults({ properties }: Subject): Iterable<Fault> {
  const zones = parts(properties, [], 'nodeLocations').length;
  if (zones < 2) yield { path: ['nodeLocations'], found: `${zones} zones named` };
  const total = count(properties, 'autoscaling', 'totalMinNodeCount');
  const each =
    count(properties, 'autoscaling', 'minNodeCount') ??
    count(properties, 'nodeCount') ??
    count(properties, 'initialNodeCount') ??
    0;
  const nodes = total ?? each * Math.max(zones, 1);
  const path = isStated(properties, 'autoscaling') ? ['autoscaling'] : ['nodeCount'];
  if (nodes < 2) yield { path, found: `${nodes}` };
}
