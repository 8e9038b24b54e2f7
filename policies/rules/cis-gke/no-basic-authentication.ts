import { isStated } from '../fields.ts';
import { cisGkeRule } from './cis-gke-rule.ts';

export const noBasicAuthentication = cisGkeRule({
  cis: '5.8.1',
  slug: 'no-basic-authentication',
  of: 'cluster',
  title: 'Nobody signs in with a password',
  reason: 'A static password is never taken away.',
  severity: 'high',
  expected: 'no user name and no password',
  fix: 'Take masterAuth.username and password away.',
  *judge(inputs) {
    for (const name of ['username', 'password']) {
      if (isStated(inputs, 'masterAuth', name)) yield { path: ['masterAuth', name], found: 'one' };
    }
  },
});
