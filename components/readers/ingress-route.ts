import { fileObject } from '../dialects/traefik-own.ts';
import type { Path } from '../model/path.ts';
import { type KnownObjects, missingReference, missingServices, serviceOfUrl } from './known-objects.ts';
import { at, type FoundObject, listAt, type Note, type NoteText, noteAt, textAt, textsAt } from './kube-object.ts';
import type { ReadGuard, ReadProtection, ReadRoute } from './read-route.ts';
import { type Claim, claimsOf } from './rule-claims.ts';
import { type Effects, effectsOf } from './traefik-middlewares.ts';
import { rewriteOf } from './traefik-rewrite.ts';
import { readRule } from './traefik-rule.ts';
import { type ServiceReference, servicesOf } from './traefik-service.ts';

/** What one object says. */
export interface ObjectReading {
  readonly routes: readonly ReadRoute[];
  readonly guards: readonly ReadGuard[];
  readonly notes: readonly Note[];
}

/** One router: an entry of `spec.routes`. */
interface Router {
  readonly path: Path;
  readonly priority: number;
  readonly claims: readonly Claim[];
  readonly effects: Effects;
  readonly backend: string;
  readonly guards: boolean;
  readonly notes: readonly Note[];
}

/**
 * The routes of a Traefik IngressRoute. Routers for upgrades to WebSocket or for certificate challenges that stand
 * beside another one with the same match are told as a property of that route.
 */
export function readIngressRoute(object: FoundObject, known: KnownObjects): ObjectReading {
  const edge = edgeOf(object);
  const notes: Note[] = [];
  const routers = listAt(object.body, 'spec', 'routes').flatMap((entry, index) => {
    const router = readRouter(object, entry, ['spec', 'routes', index], known);
    if ('severity' in router) notes.push(router);
    return 'severity' in router ? [] : router;
  });
  const guards = routers
    .filter((router) => router.guards)
    .flatMap(({ claims, priority }) => claims.map(({ match }) => ({ edge, match, priority })));
  const routes = routers
    .filter((router) => !router.guards)
    .flatMap((router) => router.claims.map((claim, index) => ({ router, claim, index })));
  return { routes: folded(routes).map((entry) => routeOf(object, edge, entry)), guards, notes };
}

function edgeOf({ body, annotations }: FoundObject): string {
  return textAt(body, 'spec', 'ingressClassName') || annotations['kubernetes.io/ingress.class'] || 'traefik';
}

function readRouter(object: FoundObject, entry: unknown, path: Path, known: KnownObjects): Router | Note {
  const text = textAt(entry, 'match');
  const rule = readRule(text);
  if (!rule.ok)
    return noteAt(object, [...path, 'match'], unreadable(text, `${rule.expected} at ${rule.offset}`), 'error');
  const claims = claimsOf(rule.rule);
  if (claims === null)
    return noteAt(object, [...path, 'match'], unreadable(text, 'fewer than 256 alternatives'), 'error');
  const references = listAt(entry, 'middlewares').map((reference) => ({
    namespace: textAt(reference, 'namespace') || object.namespace,
    name: textAt(reference, 'name'),
  }));
  const effects = effectsOf(references, known.middlewares);
  const services = servicesOf(object, listAt(entry, 'services'), known);
  const guards = effects.refuses !== null || (services.every(isUnavailable) && !answersItself(effects));
  const named = services.filter((service) => service.kind === 'Service' && !isUnavailable(service));
  const notes = [
    ...effects.missing.map((name) => missingReference(object, [...path, 'middlewares'], name, leftOut)),
    ...effects.notes.map((note) => noteAt(object, [...path, 'middlewares'], note)),
    ...missingServices(
      named.map(({ id }) => id),
      known,
      object,
      [...path, 'services'],
    ),
    ...missingAuth(effects.protection, known, object, path),
    ...services.flatMap((service) => service.notes).map((note) => noteAt(object, [...path, 'services'], note, 'error')),
  ];
  const written = Number(textAt(entry, 'priority'));
  const priority = written === 0 ? text.length : written;
  return { path, priority, claims, effects, backend: services.map(({ words }) => words).join(', '), guards, notes };
}

const leftOut = 'Traefik leaves this router out, and a broader one may answer without the protection that it names.';

function unreadable(text: string, expected: string): NoteText {
  const found = `the rule ${JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)}`;
  return { code: 'unreadable-rule', found, expected, fix: 'Mend the rule: Traefik serves nothing by it.' };
}

/** Whether an auth service is named that does not exist: nobody can pass, or nobody is asked. */
export function missingAuth(protection: ReadProtection, known: KnownObjects, object: FoundObject, path: Path) {
  if (protection.kind !== 'forwardAuth') return [];
  const service = serviceOfUrl(protection.url);
  if (service === undefined || known.services.has(service) || !known.complete) return [];
  return [missingReference(object, path, `Service ${service}, the auth service`, 'Nobody can be asked without it.')];
}

/** A service that never answers but with an error: what stands behind guards and redirects. */
function isUnavailable({ id, managed }: ServiceReference): boolean {
  const name = id.slice(id.indexOf('/') + 1);
  return (
    name === `${fileObject.unavailable}@file` || name === 'noop@internal' || (managed && name.endsWith('-unavailable'))
  );
}

function answersItself({ redirect, httpsRedirect }: Effects): boolean {
  return redirect !== null || httpsRedirect;
}

interface Entry {
  readonly router: Router;
  readonly claim: Claim;
  readonly index: number;
}

interface FoldedEntry extends Entry {
  readonly websocket: boolean;
  readonly challenge: ReadRoute['challenge'];
}

/** Without the routers that only say more about another one of the same object. */
function folded(entries: readonly Entry[]): readonly FoldedEntry[] {
  const usual = entries.filter(({ claim }) => !claim.upgrade && claim.challenge !== 'only');
  const special = entries.filter((entry) => !usual.includes(entry));
  const absorbed = new Set<Entry>();
  const told = usual.map((entry): FoldedEntry => {
    const beside = special.filter((other) => saysMoreOf(entry, other));
    for (const other of beside) absorbed.add(other);
    const upgrade = beside.some(({ claim }) => claim.upgrade);
    const open = beside.some(({ claim }) => claim.challenge === 'only');
    const challenge = open ? 'open' : entry.claim.challenge === 'left' ? 'left' : 'taken';
    return { ...entry, websocket: entry.router.effects.websocket || upgrade, challenge };
  });
  const alone = special
    .filter((entry) => !absorbed.has(entry))
    .map((entry): FoldedEntry => ({ ...entry, websocket: entry.router.effects.websocket, challenge: 'taken' }));
  return [...told, ...alone];
}

function saysMoreOf({ router, claim }: Entry, other: Entry): boolean {
  const { match, challenge, upgrade } = other.claim;
  if (other.router.priority <= router.priority || other.router.backend !== router.backend) return false;
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const { path: _, ...rest } = match;
  const { path: __, ...usualRest } = claim.match;
  if (!same(rest, usualRest)) return false;
  if (upgrade)
    return same(match.path, claim.match.path) && same(other.router.effects.protection, router.effects.protection);
  const challengePath = '/.well-known/acme-challenge';
  const below = `${claim.match.path.path}/`.startsWith(`${challengePath}/`);
  return (
    challenge === 'only' &&
    below &&
    other.router.effects.protection.kind === 'open' &&
    same(match.path, claim.match.path)
  );
}

function routeOf(object: FoundObject, edge: string, entry: FoldedEntry): ReadRoute {
  const { router, claim, index, websocket, challenge } = entry;
  const { effects, priority, backend } = router;
  const { rewrite, notes: rewriteNotes } = rewriteOf(effects, claim.match.path);
  const place = noteAt(object, router.path, unreadable('', '')).at;
  const more = [...claim.notes, ...rewriteNotes, ...(claim.upgrade ? [upgradesOnly] : [])];
  const texts = more.map((note) => noteAt(object, [...router.path, 'match'], note));
  return {
    id: `${object.subject} ${place.path}${router.claims.length === 1 ? '' : `#${index + 1}`}`,
    match: claim.match,
    action: effects.redirect ?? { kind: 'forward' },
    protection: protectionOf(effects),
    rewrite,
    cors: effects.cors,
    allowFrom: effects.allowFrom,
    websocket,
    httpsRedirect: effects.httpsRedirect,
    encodedSlash: effects.encodedSlash,
    source: { kind: object.kind, namespace: object.namespace, name: object.name, subject: object.subject, at: place },
    edge,
    schemes: schemesOf(object),
    backend: effects.redirect === null ? backend : '',
    tls: tlsOf(object),
    challenge,
    priority,
    fit: claim.upgrade ? 'narrower' : claim.fit,
    share: false,
    notes: [...router.notes, ...texts],
  };
}

const upgradesOnly: NoteText = {
  code: 'upgrades-only',
  found: 'a router for upgrades to WebSocket only',
  expected: 'a router beside it with the same match for all other requests',
  fix: 'Compare this router by hand.',
};

function protectionOf({ missing, protection }: Effects): ReadProtection {
  return missing.length > 0 && protection.kind === 'open'
    ? { kind: 'unknown', why: `${missing.join(', ')} is missing` }
    : protection;
}

/** A router with TLS answers TLS only, whatever its entry point is called. */
function schemesOf({ body }: FoundObject): ReadRoute['schemes'] {
  if (at(body, 'spec', 'tls') !== undefined) return ['https'];
  const entries = textsAt(body, 'spec', 'entryPoints');
  const secure = entries.filter((name) => /secure|https|tls/i.test(name));
  if (entries.length === 0) return ['http'];
  return secure.length === 0 ? ['http'] : secure.length === entries.length ? ['https'] : ['http', 'https'];
}

function tlsOf({ body }: FoundObject): ReadRoute['tls'] {
  const tls = at(body, 'spec', 'tls');
  const [secret, resolver] = [textAt(tls, 'secretName'), textAt(tls, 'certResolver')];
  if (secret !== '') return { kind: 'secret', name: secret };
  if (resolver !== '') return { kind: 'resolver', name: resolver };
  return { kind: tls === undefined ? 'off' : 'default' };
}
