import { parts, quoted, text, texts } from '../fields.ts';
import { below, containerName } from '../pod.ts';
import { podSecurityRule } from './pod-security-rule.ts';

export const capabilitiesRestricted = podSecurityRule({
  check: 'capabilities_restricted',
  level: 'restricted',
  title: 'Each container drops all capabilities, and adds NET_BIND_SERVICE at most',
  reason: 'A capability that nobody needs is one more that an attacker has.',
  severity: 'medium',
  expected: 'drop: [ALL], and nothing added but NET_BIND_SERVICE',
  fix: 'Drop ALL, and let the program listen on a port above 1023.',
  *judge(pod) {
    if (text(pod.value, 'os', 'name') === 'windows') return;
    for (const container of pod.containers) {
      if (!texts(container.value, 'securityContext', 'capabilities', 'drop').includes('ALL')) {
        const found = `no ALL in ${containerName(container)}`;
        yield { path: below(container, 'securityContext', 'capabilities', 'drop'), found };
      }
      for (const { path, value } of parts(container.value, container.path, 'securityContext', 'capabilities', 'add')) {
        if (value === 'NET_BIND_SERVICE') continue;
        yield { path, found: `${quoted(String(value))} in ${containerName(container)}` };
      }
    }
  },
});
