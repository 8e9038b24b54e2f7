import { documented } from '../facts.ts';
import { text } from '../fields.ts';
import { below } from '../pod.ts';
import type { TogetherRule } from '../rule.ts';
import { edgePodOf, isEdgePool, poolTaints, selected, tolerates } from './edge-workload.ts';

export const edgeLayersAgree: TogetherRule = {
  id: 'edge-layers-agree',
  title: 'The edge fits the nodes that are made for it',
  reason: 'A label, a taint or a name that differs by a letter leaves an edge that is never scheduled.',
  severity: 'high',
  expected: 'an edge that selects the label of the edge nodes and tolerates all their taints',
  fix: 'Write edgeNodes of the environment and the pool’s label and taint alike.',
  link: documented('edge-layers-agree'),
  standard: null,
  scope: 'together',
  readsRoutes: false,
  *judge({ subjects }) {
    const pools = subjects.filter(isEdgePool);
    if (pools.length === 0) return;
    for (const subject of subjects) {
      const pod = edgePodOf(subject);
      if (pod === null) continue;
      const fits = pools.filter(({ properties }) =>
        selected(pod).every(({ key, value }) => text(properties, 'nodeConfig', 'labels', key) === value),
      );
      if (fits.length === 0) {
        yield { subject, path: below(pod, 'nodeSelector'), found: 'a label that no pool of edge nodes has' };
      } else if (!fits.some(({ properties }) => poolTaints(properties).every((taint) => tolerates(pod, taint)))) {
        yield { subject, path: below(pod, 'tolerations'), found: 'a taint of the edge nodes that is not tolerated' };
      }
    }
  },
};
