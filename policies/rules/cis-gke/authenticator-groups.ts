import { isStated } from '../fields.ts';
import { cisGkeRule } from './cis-gke-rule.ts';

export const authenticatorGroups = cisGkeRule({
  cis: '5.8.3',
  slug: 'authenticator-groups',
  of: 'cluster',
  title: 'Rights in the cluster go to groups',
  reason: 'Rights of persons stay when the persons go.',
  severity: 'low',
  expected: 'a group',
  fix: 'Set authenticatorGroupsConfig.securityGroup to gke-security-groups@YOUR-DOMAIN.',
  *judge(inputs) {
    if (!isStated(inputs, 'authenticatorGroupsConfig', 'securityGroup'))
      yield { path: ['authenticatorGroupsConfig', 'securityGroup'], found: 'nothing' };
  },
});
