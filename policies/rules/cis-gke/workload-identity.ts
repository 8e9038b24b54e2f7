import { isStated } from '../fields.ts';
import { cisGkeRule } from './cis-gke-rule.ts';

export const workloadIdentity = cisGkeRule({
  cis: '5.2.2',
  slug: 'workload-identity',
  of: 'cluster',
  title: 'Pods get cloud permissions by Workload Identity',
  reason: 'Otherwise a pod has what its node has, or a key in a Secret.',
  severity: 'high',
  expected: 'a workload pool',
  fix: 'Set workloadIdentityConfig.workloadPool to PROJECT.svc.id.goog.',
  *judge(inputs) {
    if (!isStated(inputs, 'workloadIdentityConfig', 'workloadPool'))
      yield { path: ['workloadIdentityConfig', 'workloadPool'], found: 'nothing' };
  },
});
