import { field, isStated } from '../fields.ts';
import { cisGkeRule } from './cis-gke-rule.ts';

export const authorizedNetworks = cisGkeRule({
  cis: '5.6.3',
  slug: 'authorized-networks',
  of: 'cluster',
  title: 'The control plane listens to named networks only',
  reason: 'A control plane open to the world is tried by the world.',
  severity: 'high',
  expected: 'masterAuthorizedNetworksConfig, or a private endpoint alone',
  fix: 'Name the networks of those who operate the cluster.',
  *judge(inputs) {
    if (isStated(inputs, 'masterAuthorizedNetworksConfig')) return;
    if (field(inputs, 'privateClusterConfig', 'enablePrivateEndpoint') === true) return;
    yield { path: ['masterAuthorizedNetworksConfig'], found: 'nothing' };
  },
});
