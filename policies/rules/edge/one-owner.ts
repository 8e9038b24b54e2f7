import { documented, fact } from '../facts.ts';
import { text } from '../fields.ts';
import type { ClaimedRoute, SharedFault, Subject, TogetherRule } from '../rule.ts';

export const oneOwner: TogetherRule = {
  id: 'one-owner',
  title: 'A host and match has one owner, and a host is shared between namespaces by grant only',
  reason: 'Whoever may claim another’s host or path answers its clients, and takes their keys.',
  severity: 'critical',
  expected: 'one owner, or for a host a grant that both sides have',
  fix: 'Use another host or path; for a host that is shared on purpose write `sharedHosts` in the environment.',
  link: documented('one-owner'),
  standard: null,
  scope: 'together',
  readsRoutes: true,
  *judge({ routes }) {
    const own = routes.filter(({ shares }) => !shares);
    const told = new Set<Subject>();
    for (const scheme of ['https', 'http'] as const) {
      const spoken = own.filter(({ schemes }) => schemes.includes(scheme));
      for (const rivals of groups(spoken, ({ edge, claim }) => `${edge} ${claim}`)) yield* sameClaim(rivals, told);
    }
    const hosted = own.filter(({ host }) => host !== null);
    for (const rivals of groups(hosted, ({ edge, host }) => `${edge} ${host}`)) yield* sameHost(rivals);
  },
};

function groups(
  routes: readonly ClaimedRoute[],
  keyOf: (route: ClaimedRoute) => string,
): readonly (readonly ClaimedRoute[])[] {
  const byKey = new Map<string, ClaimedRoute[]>();
  for (const route of routes) {
    const group = byKey.get(keyOf(route));
    if (group === undefined) byKey.set(keyOf(route), [route]);
    else group.push(route);
  }
  return [...byKey.values()].filter((group) => group.length > 1);
}

/** The app where the object names one, otherwise the object itself. */
function ownerOf({ namespace, kind, name, properties }: Subject): string {
  const app = text(properties, 'metadata', 'labels', 'app.kubernetes.io/name');
  return app === '' ? `${kind} ${namespace}/${name}` : `app ${namespace}/${app}`;
}

/** One fault for each owner, the same object once. */
function* sameClaim(rivals: readonly ClaimedRoute[], told: Set<Subject>): Iterable<SharedFault> {
  const owners = new Map<string, ClaimedRoute>();
  for (const route of rivals) if (!owners.has(ownerOf(route.subject))) owners.set(ownerOf(route.subject), route);
  const [first, second] = [...owners.keys()];
  if (first === undefined || second === undefined) return;
  for (const [owner, { subject, path }] of owners) {
    if (told.has(subject)) continue;
    told.add(subject);
    yield { subject, path, found: `the same host and match as ${owner === first ? second : first}` };
  }
}

function* sameHost(rivals: readonly ClaimedRoute[]): Iterable<SharedFault> {
  const byNamespace = new Map<string, ClaimedRoute>();
  for (const route of rivals) {
    if (!byNamespace.has(route.subject.namespace)) byNamespace.set(route.subject.namespace, route);
  }
  for (const [namespace, route] of byNamespace) {
    const others = [...byNamespace].filter(([other]) => other !== namespace);
    const stranger = others.find(([other, rival]) => !grants(route, other) || !grants(rival, namespace));
    if (stranger === undefined) continue;
    const { subject, path, host } = route;
    yield { subject, path, found: `host ${JSON.stringify(host)}, which namespace ${stranger[0]} has too` };
  }
}

/** Grants are written as `HOST=NAMESPACE,NAMESPACE`, several with a blank. Both sides must have the other's. */
function grants({ subject, host }: ClaimedRoute, namespace: string): boolean {
  return fact(subject, 'sharedHosts')
    .split(' ')
    .some((grant) => {
      const [granted = '', namespaces = ''] = grant.split('=');
      return granted === host && namespaces.split(',').includes(namespace);
    });
}
