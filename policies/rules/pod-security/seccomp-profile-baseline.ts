import { podSecurityRule, secured } from './pod-security-rule.ts';
import { seccompFault, seccompOf } from './seccomp.ts';

export const seccompProfileBaseline = podSecurityRule({
  check: 'seccompProfile_baseline',
  level: 'baseline',
  title: 'No pod turns the filter of system calls off',
  reason: 'Most holes of kernels are in calls that no ordinary program makes.',
  severity: 'high',
  expected: 'RuntimeDefault, Localhost or nothing',
  fix: 'Take the profile away, or name RuntimeDefault.',
  *judge(pod) {
    for (const part of secured(pod)) {
      if (seccompOf(part) === 'bad') yield seccompFault(part);
    }
  },
});
