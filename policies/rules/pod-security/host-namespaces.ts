import { field } from '../fields.ts';
import { below } from '../pod.ts';
import { podSecurityRule } from './pod-security-rule.ts';

export const hostNamespaces = podSecurityRule({
  check: 'hostNamespaces',
  level: 'baseline',
  title: 'No pod shares network, processes or memory of its node',
  reason: 'Whoever shares them can listen on the node, see its processes and signal them.',
  severity: 'critical',
  expected: 'false or nothing',
  fix: 'Take the field away; a pod that needs a port of the node asks for the port alone.',
  *judge(pod) {
    for (const name of ['hostNetwork', 'hostPID', 'hostIPC']) {
      if (field(pod.value, name) === true) yield { path: below(pod, name), found: 'true' };
    }
  },
});
