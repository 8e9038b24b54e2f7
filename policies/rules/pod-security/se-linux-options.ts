import { field, quoted, text } from '../fields.ts';
import { below } from '../pod.ts';
import { podSecurityRule, secured } from './pod-security-rule.ts';

const types: ReadonlySet<string> = new Set([
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
]);

export const seLinuxOptions = podSecurityRule({
  check: 'seLinuxOptions',
  level: 'baseline',
  title: 'No pod chooses an SELinux type of its own, nor user or role',
  reason: 'The type of containers is what keeps them from the files of the node.',
  severity: 'high',
  expected: 'a type of containers, no user and no role',
  fix: 'Take the options away.',
  *judge(pod) {
    for (const part of secured(pod)) {
      const options = field(part.value, 'securityContext', 'seLinuxOptions');
      const path = below(part, 'securityContext', 'seLinuxOptions');
      const type = text(options, 'type');
      if (!types.has(type)) yield { path: [...path, 'type'], found: quoted(type) };
      for (const name of ['user', 'role']) {
        const value = text(options, name);
        if (value !== '') yield { path: [...path, name], found: quoted(value) };
      }
    }
  },
});
