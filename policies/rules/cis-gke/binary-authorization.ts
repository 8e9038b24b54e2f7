import { cisGkeRule, unless } from './cis-gke-rule.ts';

export const binaryAuthorization = cisGkeRule({
  cis: '5.10.5',
  slug: 'binary-authorization',
  of: 'cluster',
  title: 'Only images that somebody signed for are run',
  reason: 'A digest says which image; a signature says whose.',
  severity: 'medium',
  expected: 'PROJECT_SINGLETON_POLICY_ENFORCE',
  fix: 'Set binaryAuthorization.evaluationMode.',
  judge: (inputs) =>
    unless(
      inputs,
      ['binaryAuthorization', 'evaluationMode'],
      (value) => value === 'PROJECT_SINGLETON_POLICY_ENFORCE' || value === 'POLICY_BINDINGS',
    ),
});
