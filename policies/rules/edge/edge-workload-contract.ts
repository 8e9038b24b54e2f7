import { documented } from '../facts.ts';
import { field, isStated, parts, text } from '../fields.ts';
import { below, type Pod } from '../pod.ts';
import type { EachRule, Fault } from '../rule.ts';
import { edgePodOf, selected, toleratedByName } from './edge-workload.ts';

export const edgeWorkloadContract: EachRule = {
  id: 'edge-workload-contract',
  title: 'An edge stands on edge nodes alone, is asked for its health, and is replaced without an outage',
  reason:
    'Each part is written in another place; one that is missing shows in the next rollout or the next broken node.',
  severity: 'high',
  expected: 'a DaemonSet that selects its nodes, names their taint, has a readiness probe and a strategy that fits',
  fix: 'Compile the edge again from its environment, or mend what was changed by hand.',
  link: documented('edge-workload-contract'),
  standard: null,
  scope: 'each',
  *judge(subject) {
    const pod = edgePodOf(subject);
    if (pod === null) return;
    if (subject.kind !== 'DaemonSet') {
      yield { path: ['kind'], found: subject.kind, expected: 'DaemonSet: one pod for each edge node' };
      return;
    }
    yield* placement(pod);
    yield* health(pod);
    yield* strategy(subject.properties, pod);
  },
};

function* placement(pod: Pod): Iterable<Fault> {
  if (selected(pod).length === 0)
    yield { path: below(pod, 'nodeSelector'), found: 'nothing', expected: 'the label of edge nodes' };
  if (toleratedByName(pod).length === 0)
    yield { path: below(pod, 'tolerations'), found: 'nothing by name', expected: 'the taint of edge nodes' };
}

function* health(pod: Pod): Iterable<Fault> {
  const ready = pod.containers.some(({ value }) => isStated(value, 'readinessProbe'));
  if (!ready) yield { path: below(pod, 'containers'), found: 'no readinessProbe', expected: 'one for the edge' };
}

/** A port of the node can be had once, so an edge with one goes before the next comes; any other comes first. */
function* strategy(properties: unknown, pod: Pod): Iterable<Fault> {
  const path = ['spec', 'updateStrategy'];
  if (text(properties, ...path, 'type') === 'OnDelete') {
    yield { path: [...path, 'type'], found: 'OnDelete', expected: 'RollingUpdate' };
    return;
  }
  const hostPort = pod.containers.some(({ value, path: of }) =>
    parts(value, of, 'ports').some((port) => isStated(port.value, 'hostPort')),
  );
  const surge = text(properties, ...path, 'rollingUpdate', 'maxSurge') || '0';
  const unavailable = text(properties, ...path, 'rollingUpdate', 'maxUnavailable') || '1';
  const surges = !/^0%?$/.test(surge);
  if (surges !== hostPort && /^0%?$/.test(unavailable) !== hostPort) return;
  const expected = hostPort ? 'maxSurge 0, as ports of nodes are used' : 'maxSurge above 0 and maxUnavailable 0';
  yield {
    path: [...path, 'rollingUpdate'],
    found: `maxSurge ${surge} and maxUnavailable ${unavailable}${field(properties, ...path) === undefined ? ', the defaults' : ''}`,
    expected,
  };
}
