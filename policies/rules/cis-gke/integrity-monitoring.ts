import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const integrityMonitoring = cisGkeRule({
  cis: '5.5.6',
  slug: 'integrity-monitoring',
  of: 'nodes',
  title: 'The start of nodes is measured',
  reason: 'A changed boot sequence is told of.',
  severity: 'low',
  expected: 'true or nothing',
  fix: 'Take enableIntegrityMonitoring: false away.',
  judge: (inputs) =>
    unless(inputs, ['nodeConfig', 'shieldedInstanceConfig', 'enableIntegrityMonitoring'], (value) => value !== false),
});
