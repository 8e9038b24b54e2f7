import { has, names, quoted, text } from '../fields.ts';
import { below } from '../pod.ts';
import { podSecurityRule, secured } from './pod-security-rule.ts';

const prefix = 'container.apparmor.security.beta.kubernetes.io/';

export const appArmorProfile = podSecurityRule({
  check: 'appArmorProfile',
  level: 'baseline',
  title: 'No pod leaves the AppArmor profile of its runtime',
  reason: 'The profile is what stands between a broken container and the files of its node.',
  severity: 'high',
  expected: 'RuntimeDefault, Localhost or nothing',
  fix: 'Take the profile away, or name RuntimeDefault or a profile of the node.',
  *judge(pod) {
    for (const part of secured(pod)) {
      if (!has(part.value, 'securityContext', 'appArmorProfile')) continue;
      const type = text(part.value, 'securityContext', 'appArmorProfile', 'type');
      if (type === 'RuntimeDefault' || type === 'Localhost') continue;
      yield { path: below(part, 'securityContext', 'appArmorProfile', 'type'), found: quoted(type) };
    }
    for (const name of names(pod.metadata.value, 'annotations').filter((each) => each.startsWith(prefix))) {
      const profile = text(pod.metadata.value, 'annotations', name);
      if (profile === '' || profile === 'runtime/default' || profile.startsWith('localhost/')) continue;
      yield { path: below(pod.metadata, 'annotations', name), found: quoted(profile) };
    }
  },
});
