import { field, text } from '../fields.ts';
import { below, containerName } from '../pod.ts';
import { podSecurityRule } from './pod-security-rule.ts';

export const allowPrivilegeEscalation = podSecurityRule({
  check: 'allowPrivilegeEscalation',
  level: 'restricted',
  title: 'A process gets no more rights than the one that started it',
  reason: 'Without it, a set-user-ID program in the image makes root of any user.',
  severity: 'medium',
  expected: 'false',
  fix: 'Set securityContext.allowPrivilegeEscalation to false on each container.',
  *judge(pod) {
    if (text(pod.value, 'os', 'name') === 'windows') return;
    for (const container of pod.containers) {
      const value = field(container.value, 'securityContext', 'allowPrivilegeEscalation');
      if (value === false) continue;
      const found = `${value === undefined || value === null ? 'nothing' : String(value)} in ${containerName(container)}`;
      yield { path: below(container, 'securityContext', 'allowPrivilegeEscalation'), found };
    }
  },
});
