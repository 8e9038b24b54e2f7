import { podSecurityRule } from './pod-security-rule.ts';
import { unmaskedProc } from './unmasked-proc.ts';

export const procMountRestricted = podSecurityRule({
  check: 'procMount_restricted',
  level: 'restricted',
  title: 'No pod sees all of /proc',
  reason: 'The parts that are masked by default tell about the node, and some can be written.',
  severity: 'medium',
  expected: 'Default or nothing',
  fix: 'Take the field away.',
  judge: unmaskedProc,
});
