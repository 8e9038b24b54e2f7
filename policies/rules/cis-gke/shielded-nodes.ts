import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const shieldedNodes = cisGkeRule({
  cis: '5.5.5',
  slug: 'shielded-nodes',
  of: 'cluster',
  title: 'Nodes prove who they are',
  reason: 'Without it, whoever takes a pod can join the cluster as a node.',
  severity: 'high',
  expected: 'true or nothing',
  fix: 'Take enableShieldedNodes: false away.',
  judge: (inputs) => unless(inputs, ['enableShieldedNodes'], (value) => value !== false),
});
