import { field } from '../fields.ts';
import { cisGkeRule, shown } from './cis-gke-rule.ts';

export const networkPolicyEnforced = cisGkeRule({
  cis: '5.6.7',
  slug: 'network-policy',
  of: 'cluster',
  title: 'Network policies are enforced',
  reason: 'A policy that nobody enforces is a comment.',
  severity: 'high',
  expected: 'ADVANCED_DATAPATH, or networkPolicy.enabled',
  fix: 'Set datapathProvider to ADVANCED_DATAPATH.',
  *judge(inputs) {
    if (field(inputs, 'datapathProvider') === 'ADVANCED_DATAPATH') return;
    if (field(inputs, 'networkPolicy', 'enabled') === true) return;
    yield { path: ['datapathProvider'], found: shown(field(inputs, 'datapathProvider')) };
  },
});
