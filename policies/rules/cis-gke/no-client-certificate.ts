import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const noClientCertificate = cisGkeRule({
  cis: '5.8.2',
  slug: 'no-client-certificate',
  of: 'cluster',
  title: 'Nobody signs in with a client certificate of the cluster',
  reason: 'A certificate cannot be taken back before it ends.',
  severity: 'high',
  expected: 'false or nothing',
  fix: 'Set masterAuth.clientCertificateConfig.issueClientCertificate to false.',
  judge: (inputs) =>
    unless(inputs, ['masterAuth', 'clientCertificateConfig', 'issueClientCertificate'], (value) => value !== true),
});
