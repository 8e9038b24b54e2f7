import type { Path } from '../model/path.ts';
import { readHostName } from './host-pattern.ts';
import { type NginxAnnotations, readNginxAnnotations } from './ingress-nginx.ts';
import { missingAuth, type ObjectReading } from './ingress-route.ts';
import { type KnownObjects, missingReference, missingServices } from './known-objects.ts';
import { at, type FoundObject, listAt, type NoteText, noteAt, textAt, textsAt } from './kube-object.ts';
import { type PathReading, readPath } from './nginx-path.ts';
import type { ReadProtection, ReadRoute } from './read-route.ts';
import { middlewareReference, readTraefikAnnotations, type TraefikAnnotations } from './traefik-annotations.ts';
import { type Effects, effectsOf } from './traefik-middlewares.ts';
import { rewriteOf } from './traefik-rewrite.ts';

/** Ingresses whose annotations make every path of a host an expression: the subject of one, by edge and host. */
export type RegexHosts = ReadonlyMap<string, string>;

/** Hosts on which ingress-nginx compares every path as an expression. */
export function regexHosts(objects: readonly FoundObject[]): RegexHosts {
  const ingresses = objects.filter((object) => isIngress(object) && readNginxAnnotations(object).regex);
  return new Map(
    ingresses.flatMap((object) =>
      listAt(object.body, 'spec', 'rules').map(
        (rule) => [`${edgeOf(object)} ${textAt(rule, 'host').toLowerCase()}`, object.subject] as const,
      ),
    ),
  );
}

export function isIngress({ kind, apiVersion }: FoundObject): boolean {
  return kind === 'Ingress' && apiVersion === 'networking.k8s.io/v1';
}

function edgeOf({ body, annotations }: FoundObject): string {
  return textAt(body, 'spec', 'ingressClassName') || annotations['kubernetes.io/ingress.class'] || 'default class';
}

interface Context {
  readonly object: FoundObject;
  readonly known: KnownObjects;
  readonly regex: RegexHosts;
  readonly nginx: NginxAnnotations;
  readonly traefik: TraefikAnnotations;
  readonly effects: Effects;
}

/** The routes of an Ingress, with the annotations of ingress-nginx and of Traefik. */
export function readIngress(object: FoundObject, known: KnownObjects, regex: RegexHosts): ObjectReading {
  const nginx = readNginxAnnotations(object);
  const traefik = readTraefikAnnotations(object);
  const effects = effectsOf(traefik.middlewares.map(middlewareReference), known.middlewares);
  const context: Context = { object, known, regex, nginx, traefik, effects };
  const rules = listAt(object.body, 'spec', 'rules');
  const routes = rules.flatMap((rule, index) => ruleRoutes(rule, ['spec', 'rules', index], context));
  const fallback = at(object.body, 'spec', 'defaultBackend');
  const path: Path = ['spec', 'defaultBackend'];
  const defaults =
    fallback === undefined ? [] : [routeOf({ host: '', path, backend: fallback, text: '/', type: 'Prefix' }, context)];
  return { routes: [...routes, ...defaults], guards: [], notes: objectNotes(context) };
}

function objectNotes({ object, known, nginx, effects }: Context): ObjectReading['notes'] {
  const path = ['metadata', 'annotations'];
  return [
    ...nginx.notes.map((note) => noteAt(object, path, note)),
    ...effects.notes.map((note) => noteAt(object, path, note)),
    ...nginx.broken.map((what) => missingReference(object, path, what, 'These routes lack the protection they name.')),
    ...effects.missing.map((name) =>
      missingReference(object, path, name, 'Traefik leaves these routes out, and a broader one may answer without it.'),
    ),
    ...missingAuth(nginx.protection, known, object, path),
  ];
}

interface Claimed {
  readonly host: string;
  readonly path: Path;
  readonly backend: unknown;
  readonly text: string;
  readonly type: string;
}

function ruleRoutes(rule: unknown, path: Path, context: Context): readonly ReadRoute[] {
  const hosts = [textAt(rule, 'host'), ...(textAt(rule, 'host') === '' ? [] : context.nginx.aliases)];
  return hosts.flatMap((host) =>
    listAt(rule, 'http', 'paths').map((entry, index) =>
      routeOf(
        {
          host,
          path: [...path, 'http', 'paths', index],
          backend: at(entry, 'backend'),
          text: textAt(entry, 'path'),
          type: textAt(entry, 'pathType') || 'ImplementationSpecific',
        },
        context,
      ),
    ),
  );
}

function routeOf(claimed: Claimed, context: Context): ReadRoute {
  const { object, nginx, traefik, effects, known } = context;
  const edge = edgeOf(object);
  const regexBy = context.regex.get(`${edge} ${claimed.host.toLowerCase()}`);
  const read = pathOf(claimed, regexBy !== undefined, context);
  const place = noteAt(object, claimed.path, regexNote('')).at;
  const texts = [...read.notes, ...(regexBy === undefined ? [] : [regexNote(regexBy)])];
  const { words, services } = backendOf(object, claimed.backend);
  const redirect = nginx.redirect ?? effects.redirect;
  const tls = tlsOf(object, claimed.host);
  return {
    id: `${object.subject} ${place.path}${claimed.host === '' ? '' : ` ${claimed.host}`}`,
    match: { host: readHostName(claimed.host), path: read.path, methods: [], headers: [] },
    action: redirect ?? { kind: 'forward' },
    protection: protectionOf(nginx.protection, effects),
    rewrite: read.rewrite,
    cors: nginx.cors ?? effects.cors,
    allowFrom: nginx.allowFrom ?? effects.allowFrom,
    websocket: effects.websocket || nginx.websocket,
    httpsRedirect: httpsRedirectOf(context, tls),
    encodedSlash: nginx.encodedSlash === 'allow' ? 'allow' : effects.encodedSlash,
    source: { kind: object.kind, namespace: object.namespace, name: object.name, subject: object.subject, at: place },
    edge,
    schemes: schemesOf(traefik, tls),
    backend: redirect === null ? words : '',
    tls,
    challenge: 'taken',
    priority: traefik.priority,
    fit: read.fit,
    share: nginx.canary,
    notes: [
      ...texts.map((note) => noteAt(object, claimed.path, note)),
      ...missingServices(services, known, object, claimed.path),
    ],
  };
}

function pathOf({ text, type }: Claimed, regex: boolean, { nginx, traefik, effects }: Context): PathReading {
  const read = readPath(text, type, regex, nginx.rewriteTarget);
  const { rewrite, notes } = rewriteOf(effects, read.path);
  const { rewriteTo } = nginx;
  const own = rewriteTo === null ? null : { kind: 'replacePrefix' as const, from: read.path.path, to: rewriteTo };
  const odd =
    traefik.pathMatcher === null || traefik.pathMatcher === 'PathPrefix' ? [] : [matcherNote(traefik.pathMatcher)];
  return {
    path: read.path,
    fit: odd.length > 0 ? 'narrower' : read.fit,
    rewrite: own ?? (read.rewrite.kind === 'none' ? rewrite : read.rewrite),
    notes: [...read.notes, ...notes, ...odd],
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

function regexNote(by: string): NoteText {
  return {
    code: 'expression-host',
    found: `a host on which ${by} makes every path an expression without regard to case`,
    expected: 'paths that are compared as they are written',
    fix: 'Take use-regex and rewrite-target away from that host, or compare its paths by hand.',
  };
}

/** The protection of annotations and middlewares; a middleware that is missing protects nobody, and nobody knows. */
function protectionOf(nginx: ReadProtection, { protection, missing }: Effects): ReadProtection {
  const either = nginx.kind === 'open' ? protection : nginx;
  return missing.length > 0 && either.kind === 'open'
    ? { kind: 'unknown', why: `${missing.join(', ')} is missing` }
    : either;
}

function httpsRedirectOf({ nginx, traefik, effects }: Context, tls: ReadRoute['tls']): boolean {
  if (traefik.present) return effects.httpsRedirect;
  return nginx.httpsRedirect === 'always' || (nginx.httpsRedirect === 'tls' && tls.kind !== 'off');
}

function schemesOf(traefik: TraefikAnnotations, tls: ReadRoute['tls']): ReadRoute['schemes'] {
  if (!traefik.present) return ['http', 'https'];
  if (traefik.tls || (tls.kind !== 'off' && traefik.entryPoints.length === 0)) return ['https'];
  const secure = traefik.entryPoints.some((name) => /secure|https|tls/i.test(name));
  const plain = traefik.entryPoints.length === 0 || traefik.entryPoints.some((name) => !/secure|https|tls/i.test(name));
  return [...(plain ? (['http'] as const) : []), ...(secure ? (['https'] as const) : [])];
}

function tlsOf({ body }: FoundObject, host: string): ReadRoute['tls'] {
  const covering = listAt(body, 'spec', 'tls').find((entry) => {
    const hosts = textsAt(entry, 'hosts').map((name) => name.toLowerCase());
    const wildcard = `*.${host.slice(host.indexOf('.') + 1)}`;
    return hosts.length === 0 || hosts.includes(host.toLowerCase()) || hosts.includes(wildcard.toLowerCase());
  });
  if (covering === undefined) return { kind: 'off' };
  const name = textAt(covering, 'secretName');
  return name === '' ? { kind: 'default' } : { kind: 'secret', name };
}

function backendOf({ namespace }: FoundObject, backend: unknown) {
  const service = textAt(backend, 'service', 'name');
  const port = textAt(backend, 'service', 'port', 'number') || textAt(backend, 'service', 'port', 'name');
  if (service === '') {
    const resource = `${textAt(backend, 'resource', 'kind')} ${namespace}/${textAt(backend, 'resource', 'name')}`;
    return { words: resource, services: [] };
  }
  return { words: `${namespace}/${service}:${port}`, services: [`${namespace}/${service}`] };
}
