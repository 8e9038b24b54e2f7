import { isStated } from '../fields.ts';
import { cisGkeRule } from './cis-gke-rule.ts';

export const bootDiskKey = cisGkeRule({
  cis: '5.9.1',
  slug: 'boot-disk-key',
  of: 'nodes',
  title: 'Disks of nodes are encrypted with a key of yours',
  reason: 'A key of yours can be taken away.',
  severity: 'low',
  expected: 'a key',
  fix: 'Set nodeConfig.bootDiskKmsKey.',
  *judge(inputs) {
    if (!isStated(inputs, 'nodeConfig', 'bootDiskKmsKey'))
      yield { path: ['nodeConfig', 'bootDiskKmsKey'], found: 'nothing' };
  },
});
