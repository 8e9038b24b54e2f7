import { documented } from '../facts.ts';
import type { TogetherRule } from '../rule.ts';

export const tlsOutsideLocal: TogetherRule = {
  id: 'tls-outside-local',
  title: 'Outside the machine of a developer, clients are answered over TLS only',
  reason: 'Keys and cookies that go in the clear are everybody’s on the way.',
  severity: 'high',
  expected: 'https, and http only to send clients there',
  fix: 'Give the environment certificates: `tls` names a Secret or an issuer.',
  link: documented('tls-outside-local'),
  standard: null,
  scope: 'together',
  readsRoutes: true,
  *judge({ routes }) {
    for (const { subject, path, schemes, redirects } of routes) {
      if (!schemes.includes('http') || redirects || subject.tier === 'local') continue;
      yield { subject, path, found: 'a route that answers over plain HTTP' };
    }
  },
};
