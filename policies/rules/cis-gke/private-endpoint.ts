import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const privateEndpoint = cisGkeRule({
  cis: '5.6.4',
  slug: 'private-endpoint',
  of: 'cluster',
  title: 'The control plane has no public address',
  reason: 'An address that does not exist cannot be tried.',
  severity: 'medium',
  expected: 'true',
  fix: 'Set privateClusterConfig.enablePrivateEndpoint to true, and come by a bastion or VPN.',
  judge: (inputs) => unless(inputs, ['privateClusterConfig', 'enablePrivateEndpoint'], (value) => value === true),
});
