import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const autoRepair = cisGkeRule({
  cis: '5.5.2',
  slug: 'auto-repair',
  of: 'nodes',
  title: 'Broken nodes are replaced',
  reason: 'A node that is half broken keeps traffic and loses it.',
  severity: 'medium',
  expected: 'true',
  fix: 'Set management.autoRepair to true.',
  judge: (inputs) => unless(inputs, ['management', 'autoRepair'], (value) => value === true),
});
