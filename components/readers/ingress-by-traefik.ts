import type { Claimed, DialectPart, DialectRules } from './ingress-dialect.ts';
import { type KnownObjects, missingAuth, missingReference } from './known-objects.ts';
import { type FoundObject, type Note, type NoteText, noteAt } from './kube-object.ts';
import { protectionOf, type ReadRoute } from './read-route.ts';
import { prefixByCharacter } from './rule-claims.ts';
import { middlewareReference, readTraefikAnnotations, type TraefikAnnotations } from './traefik-annotations.ts';
import { type Effects, effectsOf } from './traefik-middlewares.ts';
import { rewriteOf } from './traefik-rewrite.ts';
import { tlsOptionNotes } from './traefik-tls.ts';

/** How Traefik's Kubernetes Ingress provider reads an Ingress. Annotations of ingress-nginx mean nothing to it. */
export function traefikRules(object: FoundObject, known: KnownObjects): DialectRules {
  const traefik = readTraefikAnnotations(object);
  const effects = effectsOf(traefik.middlewares.map(middlewareReference), known);
  const path = ['metadata', 'annotations', 'traefik.ingress.kubernetes.io/router.middlewares'];
  const notes = [
    ...traefik.notes,
    ...effects.notes.map(({ severity, ...note }) => noteAt(object, path, note, severity)),
    ...effects.missing.map((name) =>
      missingReference(object, path, name, 'Traefik leaves these routes out, and a broader one may answer without it.'),
    ),
    ...missingAuth(effects.protection, known, object, path),
    ...tlsOptionNotes(object, traefik.tls ? traefik.tlsOptions : null, known),
    ...foreignAuth(object),
  ];
  return {
    aliases: [],
    // Traefik has one default router for everything that no other one takes.
    fallbackPerHost: false,
    partOf: (claimed) => partOf(object, claimed, traefik, effects, notes),
  };
}

/** Annotations of ingress-nginx that would ask, on an Ingress of a class that Traefik serves. */
function foreignAuth(object: FoundObject): readonly Note[] {
  const names = Object.keys(object.annotations).filter((name) =>
    /^nginx\.ingress\.kubernetes\.io\/(?:auth-(?:url|type|tls-secret)|(?:white|allow)list-source-range)$/.test(name),
  );
  return names.map((name) => noteAt(object, ['metadata', 'annotations', name], ineffective(name), 'error'));
}

function ineffective(name: string): NoteText {
  return {
    code: 'ineffective-annotation',
    found: `${name} on a class that Traefik serves, which asks nobody`,
    expected: 'a middleware of Traefik',
    fix: 'Name a Middleware by traefik.ingress.kubernetes.io/router.middlewares.',
  };
}

function partOf(
  object: FoundObject,
  claimed: Claimed,
  traefik: TraefikAnnotations,
  effects: Effects,
  shared: readonly Note[],
): DialectPart {
  const read = pathOf(claimed, traefik);
  const { rewrite, notes } = rewriteOf(effects, read.path);
  const texts = [...read.notes, ...notes];
  return {
    action: effects.redirect ?? { kind: 'forward' },
    allowFrom: effects.allowFrom,
    appRoot: null,
    comparison: read.comparison,
    cors: effects.cors,
    dialect: 'traefik',
    encodedSlash: effects.encodedSlash,
    fit: read.fit,
    httpsRedirect: effects.httpsRedirect !== null,
    httpsStatus: effects.httpsRedirect ?? { get: 302, other: 307 },
    notes: [...shared, ...texts.map((note) => noteAt(object, claimed.path, note))],
    path: read.path,
    priority: claimed.fallback ? lowest : (traefik.priority ?? ruleLength(claimed, traefik)),
    protection: protectionOf(effects),
    redirectExpressions: effects.redirectExpressions,
    refusesOddPaths: effects.encodedSlash === 'refuse',
    replacedPath: effects.replacePath,
    rewrite,
    schemes: schemesOf(traefik),
    share: false,
    tellsPrefix: effects.strips.length > 0,
    websocket: effects.websocket,
  };
}

/** The priority of Traefik's default router. */
const lowest = -(2 ** 31);

/** Without a number of its own a router counts as much as its rule is long, as the provider writes it. */
function ruleLength({ host, text, type }: Claimed, { pathMatcher }: TraefikAnnotations): number {
  const quoted = (value: string) => JSON.stringify(value);
  const matcher = type === 'Exact' ? 'Path' : type === 'Prefix' ? 'PathPrefix' : (pathMatcher ?? 'PathPrefix');
  const rules = [
    ...(host === '' ? [] : [`Host(${quoted(host)})`]),
    ...(text === '' ? [] : [`${matcher}(${quoted(text)})`]),
  ];
  return rules.join(' && ').length;
}

type TraefikPath = Pick<DialectPart, 'path' | 'fit' | 'comparison'> & { readonly notes: readonly NoteText[] };

function pathOf({ text, type }: Claimed, { pathMatcher }: TraefikAnnotations): TraefikPath {
  const path = text === '' ? '/' : text;
  const matcher = type === 'Exact' ? 'Path' : type === 'Prefix' ? 'PathPrefix' : (pathMatcher ?? 'PathPrefix');
  if (matcher === 'Path')
    return { path: { kind: 'exact', path }, fit: 'same', comparison: { kind: 'contract' }, notes: [] };
  if (matcher !== 'PathPrefix') {
    const notes = [matcherNote(matcher)];
    return { path: { kind: 'prefix', path: '/' }, fit: 'narrower', comparison: { kind: 'contract' }, notes };
  }
  const read = prefixByCharacter(path);
  return {
    path: read.path,
    fit: read.fit,
    comparison: path === '/' ? { kind: 'contract' } : { kind: 'characters', prefix: path },
    notes: read.note === null ? [] : [read.note],
  };
}

function matcherNote(matcher: string): NoteText {
  return {
    code: 'inexpressible-condition',
    found: `paths that are compared by ${matcher}`,
    expected: 'exact paths and prefixes',
    fix: 'Compare this route by hand.',
  };
}

/** `spec.tls` only loads a certificate: without an annotation a router answers on every entry point, in plain HTTP too. */
function schemesOf({ tls, entryPoints }: TraefikAnnotations): ReadRoute['schemes'] {
  if (tls) return ['https'];
  const secure = entryPoints.filter((name) => /secure|https|tls/i.test(name));
  const plain = entryPoints.length === 0 || secure.length < entryPoints.length;
  return [
    ...(plain ? (['http'] as const) : []),
    ...(entryPoints.length === 0 || secure.length > 0 ? (['https'] as const) : []),
  ];
}
