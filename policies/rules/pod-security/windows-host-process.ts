import { field } from '../fields.ts';
import { below } from '../pod.ts';
import { podSecurityRule, secured } from './pod-security-rule.ts';

export const windowsHostProcess = podSecurityRule({
  check: 'windowsHostProcess',
  level: 'baseline',
  title: 'No pod runs as a process of a Windows node',
  reason: 'Such a process is the node.',
  severity: 'critical',
  expected: 'false or nothing',
  fix: 'Take the field away.',
  *judge(pod) {
    for (const part of secured(pod)) {
      if (field(part.value, 'securityContext', 'windowsOptions', 'hostProcess') !== true) continue;
      yield { path: below(part, 'securityContext', 'windowsOptions', 'hostProcess'), found: 'true' };
    }
  },
});
