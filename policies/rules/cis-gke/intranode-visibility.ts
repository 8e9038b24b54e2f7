import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const intranodeVisibility = cisGkeRule({
  cis: '5.6.1',
  slug: 'intranode-visibility',
  of: 'cluster',
  title: 'Traffic between pods of one node is seen',
  reason: 'Flow logs and firewalls know nothing of packets that never leave the node.',
  severity: 'low',
  expected: 'true',
  fix: 'Set enableIntranodeVisibility to true.',
  judge: (inputs) => unless(inputs, ['enableIntranodeVisibility'], (value) => value === true),
});
