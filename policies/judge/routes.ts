import type { RouteMatch } from '../../components/model/route-match.ts';
import { answerOf, onlyRedirects } from '../../components/readers/answer.ts';
import { readObjects } from '../../components/readers/read.ts';
import type { ReadRoute } from '../../components/readers/read-route.ts';
import type { ClaimedRoute, Subject } from '../rules/rule.ts';

/** The routes that objects say, as far as readers understand them. */
export function claimedRoutes(subjects: readonly Subject[]): readonly ClaimedRoute[] {
  const objects = subjects.filter(({ apiVersion }) => apiVersion !== '');
  const byName = new Map(objects.map((subject) => [nameOf(subject), subject]));
  const { routes } = readObjects(objects.map(({ properties }) => ({ object: properties })));
  return routes.flatMap((route) => {
    const subject = byName.get(nameOf(route.source));
    return subject === undefined ? [] : [claimedRoute(route, subject)];
  });
}

function nameOf({ kind, namespace, name }: Pick<Subject, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === '' ? 'default' : namespace}/${name}`;
}

/** Traefik's own answer to the kubelet and load balancers: no app is behind it. */
const ping = 'ping@internal';

function claimedRoute(route: ReadRoute, subject: Subject): ClaimedRoute {
  const { id, edge, match, schemes, httpsRedirect, source } = route;
  const answer = answerOf(route);
  return {
    id,
    subject,
    path: stepsOf(source.at.path),
    edge,
    claim: claimOf(route),
    host: hostOf(match),
    asks: answer === 'open' ? 'nobody' : answer === 'asks' ? 'somebody' : 'unknown',
    redirects: onlyRedirects(route),
    schemes: route.backend === ping ? [] : httpsRedirect ? schemes.filter((scheme) => scheme === 'https') : schemes,
    shares: route.share,
  };
}

function hostOf({ host }: RouteMatch): string | null {
  if (host.kind === 'any') return null;
  return host.kind === 'exact' ? host.name : `*.${host.suffix}`;
}

/** With the conditions that no match can say, so that two routes with the same ones are rivals too. */
function claimOf({ match, fit, notes }: ReadRoute): string {
  const { host, path, methods, headers } = match;
  const sorted = headers.map(({ name, value }) => `${name}: ${value}`).toSorted();
  const more =
    fit === 'same' ? [] : notes.flatMap(({ at, found }) => (at.path.endsWith('.match') ? [found] : [])).toSorted();
  return JSON.stringify([host, path.kind, path.path, methods.toSorted(), sorted, fit, more]);
}

/** The steps of a path as readers write it: `spec.routes[0].match`. */
function stepsOf(path: string): readonly (string | number)[] {
  return [...path.matchAll(/\[([0-9]+)\]|\["((?:[^"\\]|\\.)*)"\]|([^.[\]]+)/g)].map(([, index, quoted, name]) =>
    index === undefined ? (quoted ?? name ?? '') : Number(index),
  );
}
