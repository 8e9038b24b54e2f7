import { parts, quoted } from '../fields.ts';
import { containerName } from '../pod.ts';
import { podSecurityRule } from './pod-security-rule.ts';

/** What container runtimes give by default. */
const usual: ReadonlySet<unknown> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

export const capabilitiesBaseline = podSecurityRule({
  check: 'capabilities_baseline',
  level: 'baseline',
  title: 'No container adds a capability beyond those that runtimes give',
  reason: 'Most of the others lead to the node: raw packets, mounts, modules, other processes.',
  severity: 'high',
  expected: `none, or one of ${[...usual].join(', ')}`,
  fix: 'Take the capability away.',
  *judge(pod) {
    for (const container of pod.containers) {
      for (const { path, value } of parts(container.value, container.path, 'securityContext', 'capabilities', 'add')) {
        if (!usual.has(value)) yield { path, found: `${quoted(String(value))} in ${containerName(container)}` };
      }
    }
  },
});
