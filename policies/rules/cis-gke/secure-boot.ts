import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const secureBoot = cisGkeRule({
  cis: '5.5.7',
  slug: 'secure-boot',
  of: 'nodes',
  title: 'Nodes start nothing unsigned',
  reason: 'A rootkit below the kernel outlives every repair.',
  severity: 'medium',
  expected: 'true',
  fix: 'Set nodeConfig.shieldedInstanceConfig.enableSecureBoot to true.',
  judge: (inputs) =>
    unless(inputs, ['nodeConfig', 'shieldedInstanceConfig', 'enableSecureBoot'], (value) => value === true),
});
