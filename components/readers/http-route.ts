// Long: one kind of object with all its matches and filters.
import type { Path } from '../model/path.ts';
import type { MatchableRoute, RouteMatch } from '../model/route-match.ts';
import { type Door, doorsOf } from './gateway.ts';
import { extensionsOfTraefik, grantNotes, policyDoubts, supportsExternalAuth } from './gateway-attachments.ts';
import { readHostName } from './host-pattern.ts';
import { isTraefik, type KnownObjects, missingAuth, missingReference, missingServices } from './known-objects.ts';
import { at, type FoundObject, listAt, type Note, type NoteText, noteAt, textAt, textsAt } from './kube-object.ts';
import { type ObjectReading, protectionOf, type ReadRoute } from './read-route.ts';
import { bearingOf } from './tables/bearing.ts';
import {
  backendRefFields,
  httpRouteFields,
  httpRouteFilters,
  httpRouteMatchFields,
  httpRouteRuleFields,
} from './tables/gateway-objects.ts';
import { type Effects, effectsOf, noEffects, protectedBy, withDoubt, withNote } from './traefik-middlewares.ts';
import { rewriteOf } from './traefik-rewrite.ts';
import { entryDoubts, fieldDoubts } from './unread-fields.ts';

export function isHttpRoute({ kind, apiVersion }: FoundObject): boolean {
  return kind === 'HTTPRoute' && apiVersion.startsWith('gateway.networking.k8s.io/');
}

/** The routes of an HTTPRoute: one for each match of each rule and each host that its listeners leave it. */
export function readHttpRoute(object: FoundObject, known: KnownObjects): ObjectReading {
  const { doors, notes: doorNotes } = doorsOf(object, known);
  const shared = [...fieldDoubts(object, ['spec'], httpRouteFields), ...policyDoubts(object, known)];
  const routes = listAt(object.body, 'spec', 'rules').flatMap((rule, index) =>
    ruleRoutes({ object, known, rule, path: ['spec', 'rules', index], doors, shared }),
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
  /** What bears on every route of the object. */
  readonly shared: readonly Note[];
}

function ruleRoutes({ object, known, rule, path, doors, shared }: Rule): readonly ReadRoute[] {
  const effects = listAt(rule, 'filters').reduce<Effects>((sum, filter) => withFilter(sum, filter, object, known), {
    ...noEffects,
  });
  const matches = listAt(rule, 'matches');
  const { words, services } = backendsOf(object, rule);
  const notes = [
    ...shared,
    ...fieldDoubts(object, path, httpRouteRuleFields),
    ...entryDoubts(object, [...path, 'matches'], httpRouteMatchFields),
    ...entryDoubts(object, [...path, 'backendRefs'], backendRefFields),
    ...grantNotes(object, path, known),
    ...effects.missing.map((name) => missingReference(object, [...path, 'filters'], name, 'The Gateway answers 500.')),
    ...effects.notes.map(({ severity, ...note }) => noteAt(object, [...path, 'filters'], note, severity)),
    ...missingServices(services, known, object, [...path, 'backendRefs']),
    ...missingAuth(effects.protection, known, object, [...path, 'filters']),
  ];
  return (matches.length === 0 ? [{}] : matches).flatMap((match, index) => {
    const place: Path = matches.length === 0 ? path : [...path, 'matches', index];
    return doors
      .flatMap((door) => (effects.httpsRedirect === null ? door : bySchemes(door)))
      .map((door) => routeOf({ object, match, door, effects, words, place, notes }));
  });
}

/** A Gateway redirects on every listener, also on one that speaks https already. */
function bySchemes(door: Door): readonly Door[] {
  return door.schemes.map((scheme) => ({ ...door, schemes: [scheme] }));
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
  const { match: read, texts, queries } = matchOf(match, host);
  const { rewrite, notes: rewriteNotes } = rewriteOf(effects, read.path);
  const own = [...texts, ...rewriteNotes].map((note) => noteAt(object, place, note));
  const at = noteAt(object, place, wildcardNote('')).at;
  const loop = effects.httpsRedirect !== null && door.schemes.every((scheme) => scheme === 'https');
  return {
    id: `${object.subject} ${at.path}${host === '' ? '' : ` ${host}`}${loop ? ' over https' : ''}`,
    match: read,
    action: loop ? redirectToItself(effects) : (effects.redirect ?? { kind: 'forward' }),
    protection: protectionOf(effects),
    rewrite,
    cors: effects.cors,
    allowFrom: effects.allowFrom,
    websocket: effects.websocket,
    httpsRedirect: effects.httpsRedirect !== null && !loop,
    httpsStatus: effects.httpsRedirect ?? { get: 302, other: 302 },
    encodedSlash: effects.encodedSlash,
    source: { kind: object.kind, namespace: object.namespace, name: object.name, subject: object.subject, at },
    edge: edgeOf(object),
    dialect: 'gateway',
    comparison: { kind: 'contract' },
    deepHost: host.startsWith('*.'),
    queries,
    replacedPath: effects.replacePath,
    tellsPrefix: false,
    appRoot: null,
    redirectExpressions: effects.redirectExpressions,
    refusesOddPaths: false,
    schemes: door.schemes,
    backend: effects.redirect === null && !loop ? words : '',
    tls,
    challenge: 'taken',
    priority: null,
    fit: texts.length > 0 ? 'narrower' : 'same',
    share: false,
    notes: [...notes, ...own, ...(loop ? [noteAt(object, place, loopNote, 'error')] : [])],
  };
}

function redirectToItself({ httpsRedirect }: Effects): ReadRoute['action'] {
  return { kind: 'redirect', status: httpsRedirect?.get ?? 302, to: null, scheme: 'https', host: null, path: null };
}

const loopNote: NoteText = {
  code: 'redirect-loop',
  found: 'a redirect to https on a listener that speaks https, which leads to itself for ever',
  expected: 'the redirect on the listener of plain HTTP alone',
  fix: 'Attach this rule by a route of its own, with the sectionName of the HTTP listener.',
};

/** The Gateways a route names; whether they speak TLS stands in them. */
function edgeOf({ body, namespace }: FoundObject): string {
  const parents = listAt(body, 'spec', 'parentRefs').map(
    (parent) => `${textAt(parent, 'namespace') || namespace}/${textAt(parent, 'name')}`,
  );
  return parents.length === 0 ? 'no Gateway' : `Gateway ${[...new Set(parents)].toSorted().join(', ')}`;
}

function matchOf(
  match: unknown,
  host: string,
): { match: RouteMatch; texts: readonly NoteText[]; queries: ReadRoute['queries'] } {
  const type = textAt(match, 'path', 'type') || 'PathPrefix';
  const value = textAt(match, 'path', 'value') || '/';
  const method = textAt(match, 'method');
  const headers = listAt(match, 'headers');
  const exact = headers.filter((header) => (textAt(header, 'type') || 'Exact') === 'Exact');
  const queryParams = listAt(match, 'queryParams');
  const exactQueries = queryParams.filter((query) => (textAt(query, 'type') || 'Exact') === 'Exact');
  const others = [
    ...(type === 'RegularExpression' ? [`the path expression ${JSON.stringify(value)}`] : []),
    ...headers
      .filter((header) => !exact.includes(header))
      .map((header) => `an expression for ${textAt(header, 'name')}`),
    ...queryParams
      .filter((query) => !exactQueries.includes(query))
      .map((query) => `an expression for the query parameter ${textAt(query, 'name')}`),
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
    queries: exactQueries.map((query) => ({ name: textAt(query, 'name'), value: textAt(query, 'value') })),
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
    case 'RequestRedirect':
      return withRedirect(effects, at(filter, 'requestRedirect'));
    case 'URLRewrite':
      return withRewrite(effects, at(filter, 'urlRewrite'));
    case 'CORS':
      return { ...effects, cors: { origins: textsAt(filter, 'cors', 'allowOrigins') } };
    case 'ExternalAuth':
      return withExternalAuth(effects, filter, object, known);
    case 'ExtensionRef':
      return withExtension(effects, at(filter, 'extensionRef'), object, known);
    default:
      if (bearingOf(httpRouteFilters, type).kind === 'harmless') return effects;
      return withDoubt(effects, {
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
  const code = Number(textAt(options, 'statusCode') || '302');
  const status = code === 301 || code === 307 || code === 308 ? code : 302;
  if (scheme === 'https' && host === null && at(options, 'path') === undefined)
    return { ...effects, httpsRedirect: { get: status, other: status } };
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

function withExternalAuth(effects: Effects, filter: unknown, object: FoundObject, known: KnownObjects): Effects {
  const told = supportsExternalAuth(object, known) ? effects : withDoubt(effects, unsupported);
  return protectedBy(told, externalAuth(at(filter, 'externalAuth'), object));
}

const unsupported: NoteText = {
  code: 'unsupported-filter',
  found: 'the filter ExternalAuth, which the GatewayClass does not list as supported',
  expected: 'a GatewayClass among the objects with HTTPRouteExternalAuth in status.supportedFeatures',
  fix: 'Look whether its controller keeps the filter: several accept it and ask nobody.',
};

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
  const told = extensionsOfTraefik(object, known)
    ? effects
    : withDoubt(effects, inexpressible(`the filter ${kind} ${name}, which only Traefik reads`));
  return effectsOf([{ namespace: object.namespace, name }], known, object.namespace, told);
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
