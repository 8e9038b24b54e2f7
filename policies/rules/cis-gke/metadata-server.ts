import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const metadataServer = cisGkeRule({
  cis: '5.2.2',
  slug: 'metadata-server',
  of: 'nodes',
  title: 'Pods reach the metadata server of GKE, not that of the node',
  reason: 'The metadata server of the node hands the token of the node’s account to every pod.',
  severity: 'high',
  expected: 'GKE_METADATA',
  fix: 'Set nodeConfig.workloadMetadataConfig.mode to GKE_METADATA.',
  judge: (inputs) =>
    unless(inputs, ['nodeConfig', 'workloadMetadataConfig', 'mode'], (value) => value === 'GKE_METADATA'),
});
