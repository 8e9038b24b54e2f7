import { field } from '../fields.ts';
import { below } from '../pod.ts';
import { podSecurityRule, secured } from './pod-security-rule.ts';

export const runAsUser = podSecurityRule({
  check: 'runAsUser',
  level: 'restricted',
  title: 'No container asks to be user 0',
  reason: 'User 0 is root.',
  severity: 'high',
  expected: 'a user above 0, or nothing',
  fix: 'Name the user of the image.',
  *judge(pod) {
    if (field(pod.value, 'hostUsers') === false) return;
    for (const part of secured(pod)) {
      if (field(part.value, 'securityContext', 'runAsUser') !== 0) continue;
      yield { path: below(part, 'securityContext', 'runAsUser'), found: '0' };
    }
  },
});
