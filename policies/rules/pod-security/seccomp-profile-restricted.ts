import { text } from '../fields.ts';
import { below, containerName } from '../pod.ts';
import { podSecurityRule, secured } from './pod-security-rule.ts';
import { seccompFault, seccompOf } from './seccomp.ts';

export const seccompProfileRestricted = podSecurityRule({
  check: 'seccompProfile_restricted',
  level: 'restricted',
  title: 'Each container has a filter of system calls',
  reason: 'Most holes of kernels are in calls that no ordinary program makes.',
  severity: 'medium',
  expected: 'RuntimeDefault or Localhost for the pod or for each container',
  fix: 'Set securityContext.seccompProfile.type of the pod to RuntimeDefault.',
  *judge(pod) {
    if (text(pod.value, 'os', 'name') === 'windows') return;
    for (const part of secured(pod)) {
      if (seccompOf(part) === 'bad') yield seccompFault(part);
    }
    if (seccompOf(pod) === 'good') return;
    for (const container of pod.containers) {
      if (seccompOf(container) !== 'nothing') continue;
      const found = `nothing in ${containerName(container)}`;
      yield { path: below(container, 'securityContext', 'seccompProfile'), found };
    }
  },
});
