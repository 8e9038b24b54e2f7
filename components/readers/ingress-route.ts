import type { Path } from '../model/path.ts';
import { isUnavailable, routerNotes, unreadable, type Written } from './ingress-route-notes.ts';
import { isTraefik2, type KnownObjects } from './known-objects.ts';
import { at, type FoundObject, listAt, type Note, type NoteText, noteAt, textAt, textsAt } from './kube-object.ts';
import { type ObjectReading, protectionOf, type ReadRoute } from './read-route.ts';
import { type Claim, claimsOf, refusedBy } from './rule-claims.ts';
import { ingressRouteFields } from './tables/traefik-objects.ts';
import { layersOf, priorityOf } from './traefik-layers.ts';
import { type Effects, effectsOf, referencesOf } from './traefik-middlewares.ts';
import { rewriteOf } from './traefik-rewrite.ts';
import { readRule } from './traefik-rule.ts';
import { servicesOf } from './traefik-service.ts';
import { fieldDoubts } from './unread-fields.ts';

/** One router: an entry of `spec.routes`. */
interface Router {
  readonly path: Path;
  readonly priority: number;
  readonly claims: readonly Claim[];
  readonly effects: Effects;
  /** The object whose entry points and TLS hold, where it is another one. */
  readonly door: FoundObject | null;
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
  const shared = fieldDoubts(object, ['spec'], ingressRouteFields);
  const layers = layersOf(object, known);
  const routers = listAt(object.body, 'spec', 'routes').flatMap((entry, index) =>
    layers.flatMap((layer) => {
      const router = readRouter({ object, entry, path: ['spec', 'routes', index], known, layer });
      if ('severity' in router) notes.push(router);
      return 'severity' in router ? [] : router;
    }),
  );
  const guards = routers
    .filter((router) => router.guards)
    .flatMap(({ claims, priority }) => claims.map(({ match }) => ({ edge, match, priority })));
  const routes = routers
    .filter((router) => !router.guards)
    .flatMap((router) => router.claims.map((claim, index) => ({ router, claim, index })));
  return { routes: folded(routes).map((entry) => routeOf(object, edge, entry, shared)), guards, notes };
}

function edgeOf({ body, annotations }: FoundObject): string {
  return textAt(body, 'spec', 'ingressClassName') || annotations['kubernetes.io/ingress.class'] || 'traefik';
}

function readRouter({ object, entry, path, known, layer }: Written): Router | Note {
  const text = textAt(entry, 'match');
  const read = readClaims(object, layer.rule === null ? text : `(${layer.rule}) && (${text})`);
  if ('expected' in read) return noteAt(object, [...path, 'match'], unreadable(text, read.expected), 'error');
  const own = referencesOf(listAt(entry, 'middlewares'), object.namespace);
  const effects = effectsOf([...layer.references, ...own], known, object.namespace);
  const services = servicesOf(object, listAt(entry, 'services'), known);
  const priority = priorityOf(entry);
  return {
    path,
    priority: layer.priority === null ? priority : layer.priority + priority / 1e9,
    claims: read.claims,
    effects,
    door: layer.door,
    backend: services.map(({ words }) => words).join(', '),
    guards: effects.refuses !== null || (services.every(isUnavailable) && !answersItself(effects)),
    notes: [...routerNotes({ object, entry, path, known, layer }, effects, services), ...layer.notes],
  };
}

function readClaims(
  object: FoundObject,
  text: string,
): { readonly claims: readonly Claim[] } | { readonly expected: string } {
  const rule = readRule(text);
  if (!rule.ok) return { expected: `${rule.expected} at ${rule.offset}` };
  const refused = isTraefik2(object.apiVersion) ? null : refusedBy(rule.rule);
  if (refused !== null) return { expected: `a rule without ${refused}` };
  const claims = claimsOf(rule.rule);
  return claims === null ? { expected: 'fewer than 256 alternatives' } : { claims };
}

function answersItself({ redirect, httpsRedirect }: Effects): boolean {
  return redirect !== null || httpsRedirect !== null;
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

function routeOf(object: FoundObject, edge: string, entry: FoldedEntry, shared: readonly Note[]): ReadRoute {
  const { router, claim, index, websocket, challenge } = entry;
  const door = router.door ?? object;
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
    httpsRedirect: effects.httpsRedirect !== null,
    httpsStatus: effects.httpsRedirect ?? { get: 302, other: 307 },
    encodedSlash: effects.encodedSlash,
    source: { kind: object.kind, namespace: object.namespace, name: object.name, subject: object.subject, at: place },
    edge,
    dialect: 'traefik',
    comparison: claim.comparison,
    deepHost: claim.deepHost,
    queries: claim.queries,
    replacedPath: effects.replacePath,
    tellsPrefix: effects.strips.length > 0,
    appRoot: null,
    redirectExpressions: effects.redirectExpressions,
    refusesOddPaths: effects.encodedSlash === 'refuse' || isOwn(object),
    schemes: schemesOf(door),
    backend: effects.redirect === null ? backend : '',
    tls: tlsOf(door),
    challenge,
    priority,
    fit: claim.upgrade ? 'narrower' : claim.fit,
    share: false,
    notes: [...shared, ...router.notes, ...texts],
  };
}

/** What our own compiler wrote stands behind the deny router, which refuses odd paths. */
function isOwn({ labels }: FoundObject): boolean {
  return labels['app.kubernetes.io/managed-by'] === 'edgeplane';
}

const upgradesOnly: NoteText = {
  code: 'upgrades-only',
  found: 'a router for upgrades to WebSocket only',
  expected: 'a router beside it with the same match for all other requests',
  fix: 'Compare this router by hand.',
};

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
