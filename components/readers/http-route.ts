// Long: one kind of object with all its matches and filters.
import type { Path } from '../model/path.ts';
import type { MatchableRoute, RouteMatch } from '../model/route-match.ts';
import { type Door, doorsOf } from './gateway.ts';
import { readHostName } from './host-pattern.ts';
import { missingAuth, type ObjectReading } from './ingress-route.ts';
import { isTraefik, type KnownObjects, missingReference, missingServices } from './known-objects.ts';
import { at, type FoundObject, listAt, type NoteText, noteAt, textAt, textsAt } from './kube-object.ts';
import type { ReadRoute } from './read-route.ts';
import { type Effects, effectsOf, noEffects, protectedBy, withNote } from './traefik-middlewares.ts';
import { rewriteOf } from './traefik-rewrite.ts';

export function isHttpRoute({ kind, apiVersion }: FoundObject): boolean {
  return kind === 'HTTPRoute' && apiVersion.startsWith('gateway.networking.k8s.io/');
}

/** The routes of an HTTPRoute: one for each match of each rule and each host that its listeners leave it. */
export function readHttpRoute(object: FoundObject, known: KnownObjects): ObjectReading {
  const { doors, notes: doorNotes } = doorsOf(object, known);
  const routes = listAt(object.body, 'spec', 'rules').flatMap((rule, index) =>
    ruleRoutes({ object, known, rule, path: ['spec', 'rules', index], doors }),
  );
  const deep = doors.map(({ host }) => host).filter((host) => host.startsWith('*.'));
  const notes = deep.map((host) => noteAt(object, ['spec', 'hostnames'], wildcardNote(host)));
  return { routes, guards: [], notes: [...doorNotes, ...notes] };
}

function wildcardNote(host: string): NoteText {
  return {
    code: 'wildcard-depth',
    found: `${host}, which a Gateway takes for any number of labels`,
    expected: 'one label',
    fix: 'Name the deeper hosts, where there are any.',
  };
}

interface Rule {
  readonly object: FoundObject;
  readonly known: KnownObjects;
  readonly rule: unknown;
  readonly path: Path;
  readonly doors: readonly Door[];
}

function ruleRoutes({ object, known, rule, path, doors }: Rule): readonly ReadRoute[] {
  const effects = listAt(rule, 'filters').reduce<Effects>((sum, filter) => withFilter(sum, filter, object, known), {
    ...noEffects,
  });
  const matches = listAt(rule, 'matches');
  const { words, services } = backendsOf(object, rule);
  const notes = [
    ...effects.missing.map((name) => missingReference(object, [...path, 'filters'], name, 'The Gateway answers 500.')),
    ...effects.notes.map((note) => noteAt(object, [...path, 'filters'], note)),
    ...missingServices(services, known, object, [...path, 'backendRefs']),
    ...missingAuth(effects.protection, known, object, [...path, 'filters']),
  ];
  return (matches.length === 0 ? [{}] : matches).flatMap((match, index) => {
    const place: Path = matches.length === 0 ? path : [...path, 'matches', index];
    return doors.map((door) =>
      routeOf({ object, match, door, effects, words, place, notes: index === 0 ? notes : [] }),
    );
  });
}

interface Matched {
  readonly object: FoundObject;
  readonly match: unknown;
  readonly door: Door;
  readonly effects: Effects;
  readonly words: string;
  readonly place: Path;
  readonly notes: ReadRoute['notes'];
}

function routeOf({ object, match, door, effects, words, place, notes }: Matched): ReadRoute {
  const { host, tls } = door;
  const { match: read, texts } = matchOf(match, host);
  const { rewrite, notes: rewriteNotes } = rewriteOf(effects, read.path);
  const own = [...texts, ...rewriteNotes].map((note) => noteAt(object, place, note));
  const at = noteAt(object, place, wildcardNote('')).at;
  const { missing, protection } = effects;
  return {
    id: `${object.subject} ${at.path}${host === '' ? '' : ` ${host}`}`,
    match: read,
    action: effects.redirect ?? { kind: 'forward' },
    protection:
      missing.length > 0 && protection.kind === 'open'
        ? { kind: 'unknown', why: `${missing.join(', ')} is missing` }
        : protection,
    rewrite,
    cors: effects.cors,
    allowFrom: effects.allowFrom,
    websocket: effects.websocket,
    httpsRedirect: effects.httpsRedirect,
    encodedSlash: effects.encodedSlash,
    source: { kind: object.kind, namespace: object.namespace, name: object.name, subject: object.subject, at },
    edge: edgeOf(object),
    schemes: effects.httpsRedirect ? ['http'] : door.schemes,
    backend: effects.redirect === null ? words : '',
    tls,
    challenge: 'taken',
    priority: null,
    fit: texts.length > 0 ? 'narrower' : 'same',
    share: false,
    notes: [...notes, ...own],
  };
}

/** The Gateways a route names; whether they speak TLS stands in them. */
function edgeOf({ body, namespace }: FoundObject): string {
  const parents = listAt(body, 'spec', 'parentRefs').map(
    (parent) => `${textAt(parent, 'namespace') || namespace}/${textAt(parent, 'name')}`,
  );
  return parents.length === 0 ? 'no Gateway' : `Gateway ${[...new Set(parents)].toSorted().join(', ')}`;
}

function matchOf(match: unknown, host: string): { match: RouteMatch; texts: readonly NoteText[] } {
  const type = textAt(match, 'path', 'type') || 'PathPrefix';
  const value = textAt(match, 'path', 'value') || '/';
  const method = textAt(match, 'method');
  const headers = listAt(match, 'headers');
  const exact = headers.filter((header) => (textAt(header, 'type') || 'Exact') === 'Exact');
  const others = [
    ...(type === 'RegularExpression' ? [`the path expression ${JSON.stringify(value)}`] : []),
    ...headers
      .filter((header) => !exact.includes(header))
      .map((header) => `an expression for ${textAt(header, 'name')}`),
    ...listAt(match, 'queryParams').map((query) => `the query parameter ${textAt(query, 'name')}`),
  ];
  const path =
    type === 'Exact'
      ? ({ kind: 'exact', path: value } as const)
      : ({ kind: 'prefix', path: type === 'PathPrefix' ? bare(value) : '/' } as const);
  return {
    match: {
      host: readHostName(host),
      path,
      methods: method === '' ? [] : [method],
      headers: exact
        .map((header) => ({ name: textAt(header, 'name').toLowerCase(), value: textAt(header, 'value') }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    },
    texts: others.map(inexpressible),
  };
}

function inexpressible(found: string): NoteText {
  return {
    code: 'inexpressible-condition',
    found,
    expected: 'hosts, exact paths, prefixes, methods and exact header values',
    fix: 'Compare this route by hand: it takes fewer requests than are told here.',
  };
}

function withFilter(effects: Effects, filter: unknown, object: FoundObject, known: KnownObjects): Effects {
  const type = textAt(filter, 'type');
  switch (type) {
    case 'RequestHeaderModifier':
    case 'ResponseHeaderModifier':
    case 'RequestMirror':
      return effects;
    case 'RequestRedirect':
      return withRedirect(effects, at(filter, 'requestRedirect'));
    case 'URLRewrite':
      return withRewrite(effects, at(filter, 'urlRewrite'));
    case 'CORS':
      return { ...effects, cors: { origins: textsAt(filter, 'cors', 'allowOrigins') } };
    case 'ExternalAuth':
      return protectedBy(effects, externalAuth(at(filter, 'externalAuth'), object));
    case 'ExtensionRef':
      return withExtension(effects, at(filter, 'extensionRef'), object, known);
    default:
      return withNote(effects, {
        code: 'unknown-filter',
        found: `a filter of the type ${type}`,
        expected: 'a filter that routes have a field for',
        fix: 'Compare what it does by hand.',
      });
  }
}

/** A redirect of the scheme alone, to https, is that of plain HTTP. */
function withRedirect(effects: Effects, options: unknown): Effects {
  const scheme = textAt(options, 'scheme');
  const host = textAt(options, 'hostname') || null;
  const path = textAt(options, 'path', 'replaceFullPath') || null;
  if (scheme === 'https' && host === null && at(options, 'path') === undefined)
    return { ...effects, httpsRedirect: true };
  const code = Number(textAt(options, 'statusCode') || '302');
  const status = code === 301 || code === 307 || code === 308 ? code : 302;
  const known = scheme === 'http' || scheme === 'https' ? scheme : null;
  const redirected: Effects = {
    ...effects,
    redirect: { kind: 'redirect', status, to: null, scheme: known, host, path },
  };
  return at(options, 'path', 'replacePrefixMatch') === undefined
    ? redirected
    : withNote(redirected, inexpressible('a redirect that replaces a prefix'));
}

function withRewrite(effects: Effects, options: unknown): Effects {
  const prefix = at(options, 'path', 'replacePrefixMatch');
  const full = textAt(options, 'path', 'replaceFullPath');
  const hostname = textAt(options, 'hostname');
  const noted = hostname === '' ? effects : withNote(effects, inexpressible(`another host for the app, ${hostname}`));
  if (full !== '') return { ...noted, replacePath: full };
  return typeof prefix === 'string' ? { ...noted, replacePrefix: prefix || '/' } : noted;
}

/** Forward auth of the Gateway API, experimental since 1.4. */
function externalAuth(options: unknown, { namespace }: FoundObject): MatchableRoute['protection'] | UnknownProtection {
  const backend = at(options, 'backendRef');
  if (textAt(options, 'protocol') === 'GRPC') return { kind: 'unknown', why: 'external authentication by gRPC' };
  const host = `${textAt(backend, 'name')}.${textAt(backend, 'namespace') || namespace}.svc.cluster.local`;
  const port = textAt(backend, 'port');
  return {
    kind: 'forwardAuth',
    url: `http://${host}${port === '' ? '' : `:${port}`}${textAt(options, 'http', 'path')}`,
    responseHeaders: textsAt(options, 'http', 'allowedResponseHeaders'),
    signIn: null,
  };
}

type UnknownProtection = Extract<ReadRoute['protection'], { kind: 'unknown' }>;

function withExtension(effects: Effects, reference: unknown, object: FoundObject, known: KnownObjects): Effects {
  const [kind, name] = [textAt(reference, 'kind'), textAt(reference, 'name')];
  if (kind !== 'Middleware' || !isTraefik(`${textAt(reference, 'group')}/`))
    return protectedBy(withNote(effects, inexpressible(`the filter ${kind} ${name}`)), {
      kind: 'unknown',
      why: `${kind} ${name} may ask somebody`,
    });
  return effectsOf([{ namespace: object.namespace, name }], known.middlewares, effects);
}

function backendsOf({ namespace }: FoundObject, rule: unknown) {
  const backends = listAt(rule, 'backendRefs').map((backend) => {
    const id = `${textAt(backend, 'namespace') || namespace}/${textAt(backend, 'name')}`;
    const isService = (textAt(backend, 'kind') || 'Service') === 'Service';
    const weight = textAt(backend, 'weight');
    const port = textAt(backend, 'port');
    const words = `${isService ? id : `${textAt(backend, 'kind')} ${id}`}${port === '' ? '' : `:${port}`}`;
    return { services: isService ? [id] : [], words: weight === '' ? words : `${words} (weight ${weight})` };
  });
  return {
    words: backends.map(({ words }) => words).join(', '),
    services: backends.flatMap(({ services }) => services),
  };
}

function bare(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
