import { documented } from '../facts.ts';
import { parts, text, texts } from '../fields.ts';
import { below, type Pod, podOf } from '../pod.ts';
import type { SharedFault, Subject, TogetherRule, World } from '../rule.ts';
import { edgePodOf, type Mark, selected, toleratedByName, tolerates, usualLabel, usualTaint } from './edge-workload.ts';

export const edgeNodesReserved: TogetherRule = {
  id: 'edge-nodes-reserved',
  title: 'Only edge workloads tolerate or select edge nodes',
  reason: 'Edge nodes are open to the world. A pod beside the edge is reachable past it, and takes its memory.',
  severity: 'high',
  expected: 'no toleration for and no selector of edge nodes outside the edge',
  fix: 'Take the toleration or the selector away. A pod that all nodes need gets an exemption.',
  link: documented('edge-nodes-reserved'),
  standard: null,
  scope: 'together',
  readsRoutes: false,
  *judge(world) {
    const { labels, taints } = edgeMarks(world);
    for (const subject of world.subjects) {
      const pod = podOf(subject);
      if (pod === null || edgePodOf(subject) !== null) continue;
      yield* selectors(subject, pod, labels);
      const taint = taints.find((each) => tolerates(pod, each));
      if (taint === undefined) continue;
      yield { subject, path: below(pod, 'tolerations'), found: `a toleration for ${taint.key}=${taint.value}` };
    }
  },
};

/** What marks edge nodes: the usual label and taint, and those that edge workloads here ask for. */
function edgeMarks({ subjects }: World): { readonly labels: readonly Mark[]; readonly taints: readonly Mark[] } {
  const edges = subjects.flatMap((subject) => edgePodOf(subject) ?? []);
  return {
    labels: [usualLabel, ...edges.flatMap(selected)],
    taints: [usualTaint, ...edges.flatMap(toleratedByName)],
  };
}

const affinity = ['affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms'];

function* selectors(subject: Subject, pod: Pod, labels: readonly Mark[]): Iterable<SharedFault> {
  const label = labels.find(({ key, value }) => text(pod.value, 'nodeSelector', key) === value);
  if (label !== undefined)
    yield { subject, path: below(pod, 'nodeSelector', label.key), found: `${label.key}=${label.value}` };
  for (const term of parts(pod.value, pod.path, ...affinity)) {
    for (const { path, value } of parts(term.value, term.path, 'matchExpressions')) {
      const wanted = labels.find(({ key, value: wants }) => text(value, 'key') === key && chooses(value, wants));
      if (wanted !== undefined) yield { subject, path, found: `${wanted.key}=${wanted.value}` };
    }
  }
}

function chooses(expression: unknown, value: string): boolean {
  const operator = text(expression, 'operator');
  return operator === 'Exists' || (operator === 'In' && texts(expression, 'values').includes(value));
}
