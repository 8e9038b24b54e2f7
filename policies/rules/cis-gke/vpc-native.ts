import { field, isStated } from '../fields.ts';
import { cisGkeRule, shown } from './cis-gke-rule.ts';

export const vpcNative = cisGkeRule({
  cis: '5.6.2',
  slug: 'vpc-native',
  of: 'cluster',
  title: 'Pods have addresses of the network',
  reason: 'Routes of the old kind let every instance answer for a pod’s address.',
  severity: 'medium',
  expected: 'VPC_NATIVE',
  fix: 'Set networkingMode to VPC_NATIVE, with an ipAllocationPolicy.',
  *judge(inputs) {
    if (field(inputs, 'networkingMode') === 'VPC_NATIVE' || isStated(inputs, 'ipAllocationPolicy')) return;
    yield { path: ['networkingMode'], found: shown(field(inputs, 'networkingMode')) };
  },
});
