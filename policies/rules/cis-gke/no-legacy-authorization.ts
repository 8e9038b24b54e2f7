import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const noLegacyAuthorization = cisGkeRule({
  cis: '5.8.4',
  slug: 'no-legacy-authorization',
  of: 'cluster',
  title: 'RBAC alone decides who may do what',
  reason: 'The older way gives every service account the whole cluster.',
  severity: 'critical',
  expected: 'false or nothing',
  fix: 'Take enableLegacyAbac away.',
  judge: (inputs) => unless(inputs, ['enableLegacyAbac'], (value) => value !== true),
});
