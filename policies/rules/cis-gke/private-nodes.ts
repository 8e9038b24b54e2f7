import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const privateNodes = cisGkeRule({
  cis: '5.6.5',
  slug: 'private-nodes',
  of: 'cluster',
  title: 'Nodes have no public address',
  reason: 'A node with an address is reachable past the edge.',
  severity: 'high',
  expected: 'true',
  fix: 'Set privateClusterConfig.enablePrivateNodes to true.',
  judge: (inputs) => unless(inputs, ['privateClusterConfig', 'enablePrivateNodes'], (value) => value === true),
});
