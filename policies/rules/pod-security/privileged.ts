import { field } from '../fields.ts';
import { below, containerName } from '../pod.ts';
import { podSecurityRule } from './pod-security-rule.ts';

export const privileged = podSecurityRule({
  check: 'privileged',
  level: 'baseline',
  title: 'No container is privileged',
  reason: 'A privileged container is the node.',
  severity: 'critical',
  expected: 'false or nothing',
  fix: 'Take the field away.',
  *judge(pod) {
    for (const container of pod.containers) {
      if (field(container.value, 'securityContext', 'privileged') !== true) continue;
      yield {
        path: below(container, 'securityContext', 'privileged'),
        found: `true in ${containerName(container)}`,
      };
    }
  },
});
