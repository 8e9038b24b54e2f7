import { field } from '../fields.ts';
import type { Pod } from '../pod.ts';
import type { Fault } from '../rule.ts';
import { podSecurityRule } from './pod-security-rule.ts';
import { unmaskedProc } from './unmasked-proc.ts';

export const procMount = podSecurityRule({
  check: 'procMount',
  level: 'baseline',
  title: 'No pod without a user namespace of its own sees all of /proc',
  reason: 'The parts that are masked by default tell about the node, and some can be written.',
  severity: 'high',
  expected: 'Default or nothing',
  fix: 'Take the field away, or set hostUsers to false.',
  judge(pod: Pod): Iterable<Fault> {
    return field(pod.value, 'hostUsers') === false ? [] : unmaskedProc(pod);
  },
});
