import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const cosImages = cisGkeRule({
  cis: '5.5.1',
  slug: 'container-optimized-os',
  of: 'nodes',
  title: 'Nodes run Container-Optimized OS',
  reason: 'It has no package manager, a read-only root and fewer programs to break.',
  severity: 'medium',
  expected: 'COS_CONTAINERD',
  fix: 'Set nodeConfig.imageType to COS_CONTAINERD.',
  judge: (inputs) => unless(inputs, ['nodeConfig', 'imageType'], (value) => value === 'COS_CONTAINERD'),
});
