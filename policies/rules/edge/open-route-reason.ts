import { documented, fact } from '../facts.ts';
import type { TogetherRule } from '../rule.ts';

export const openRouteReason: TogetherRule = {
  id: 'open-route-reason',
  title: 'A route that asks nobody says why',
  reason: 'Most open routes were never meant to be. A reason shows that somebody thought of it, and whom to ask.',
  severity: 'high',
  expected: 'a protection, or a reason why everybody may come',
  fix: 'Protect the route, write `protection: { open: <reason> }` in its definition, or annotate the object with edgeplane.dev/open-reason.',
  link: documented('open-route-reason'),
  standard: null,
  scope: 'together',
  readsRoutes: true,
  *judge({ routes }) {
    for (const { subject, path, asks, redirects } of routes) {
      if (redirects || asks === 'somebody' || fact(subject, 'openReason').trim() !== '') continue;
      if (asks === 'nobody') yield { subject, path, found: 'a route that asks nobody' };
      else yield { subject, path, found: 'a protection that cannot be told from these objects', undecided: true };
    }
  },
};
