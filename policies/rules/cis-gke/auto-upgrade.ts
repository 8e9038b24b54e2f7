import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const autoUpgrade = cisGkeRule({
  cis: '5.5.3',
  slug: 'auto-upgrade',
  of: 'nodes',
  title: 'Nodes follow the version of the control plane',
  reason: 'A node that nobody upgrades keeps its holes.',
  severity: 'medium',
  expected: 'true',
  fix: 'Set management.autoUpgrade to true.',
  judge: (inputs) => unless(inputs, ['management', 'autoUpgrade'], (value) => value === true),
});
