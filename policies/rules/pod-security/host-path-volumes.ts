import { has, parts, quoted, text } from '../fields.ts';
import { podSecurityRule } from './pod-security-rule.ts';

export const hostPathVolumes = podSecurityRule({
  check: 'hostPathVolumes',
  level: 'baseline',
  title: 'No pod mounts a folder of its node',
  reason: 'A folder of the node leads to what the kubelet and other pods keep there.',
  severity: 'critical',
  expected: 'no hostPath',
  fix: 'Use an emptyDir, a claim, or a file of a ConfigMap or Secret.',
  *judge(pod) {
    for (const { path, value } of parts(pod.value, pod.path, 'volumes')) {
      if (!has(value, 'hostPath')) continue;
      yield { path: [...path, 'hostPath'], found: `a hostPath in volume ${quoted(text(value, 'name'))}` };
    }
  },
});
