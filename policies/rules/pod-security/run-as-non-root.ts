import { field } from '../fields.ts';
import { below, containerName } from '../pod.ts';
import { podSecurityRule } from './pod-security-rule.ts';

export const runAsNonRoot = podSecurityRule({
  check: 'runAsNonRoot',
  level: 'restricted',
  title: 'No container runs as root',
  reason: 'Root in a container is root on the node as soon as one wall has a hole.',
  severity: 'high',
  expected: 'true for the pod or for each container',
  fix: 'Set securityContext.runAsNonRoot to true and give the image a user.',
  *judge(pod) {
    if (field(pod.value, 'hostUsers') === false) return;
    const ofPod = field(pod.value, 'securityContext', 'runAsNonRoot');
    if (ofPod === false) yield { path: below(pod, 'securityContext', 'runAsNonRoot'), found: 'false' };
    for (const container of pod.containers) {
      const own = field(container.value, 'securityContext', 'runAsNonRoot') ?? ofPod;
      if (own === true) continue;
      const found = `${own === false ? 'false' : 'nothing'} in ${containerName(container)}`;
      yield { path: below(container, 'securityContext', 'runAsNonRoot'), found };
    }
  },
});
