// Long: every kind of middleware and what it does to a route, as one table.
import { readSidecarUrl } from '../dialects/edge-sidecar.ts';
import { anyUrl, fileObject } from '../dialects/traefik-own.ts';
import type { MatchableRoute } from '../model/route-match.ts';
import type { KnownObjects } from './known-objects.ts';
import { at, type FoundObject, listAt, type Note, type NoteText, namesAt, textAt, textsAt } from './kube-object.ts';
import { forwardAuthProtection } from './protection.ts';
import type { ReadProtection, ReadRoute } from './read-route.ts';
import { type Bearing, bearingOf } from './tables/bearing.ts';
import { basicAuthOptions, forwardAuthOptions, middlewareKinds } from './tables/traefik-objects.ts';

/** What the middlewares of a router do to a request, in terms of the contract. */
export interface Effects {
  readonly protection: ReadProtection;
  /** The path prefixes that are taken off, in order. */
  readonly strips: readonly (readonly string[])[];
  readonly add: string | null;
  /** The whole path is replaced. */
  readonly replacePath: string | null;
  /** The prefix that the route takes is replaced, whichever it is. */
  readonly replacePrefix: string | null;
  readonly redirect: Extract<MatchableRoute['action'], { kind: 'redirect' }> | null;
  /** Plain HTTP is redirected to https, with these statuses. */
  readonly httpsRedirect: ReadRoute['httpsStatus'] | null;
  readonly cors: MatchableRoute['cors'];
  readonly allowFrom: readonly string[] | null;
  readonly websocket: boolean;
  readonly encodedSlash: 'refuse' | 'allow';
  /** Everybody is refused with this status: the router is a guard. */
  readonly refuses: number | null;
  /** What these expressions match is redirected; all else is not. */
  readonly redirectExpressions: readonly string[];
  /** Request headers were set before, which a protection that comes later would take for the client's. */
  readonly setsHeaders: boolean;
  readonly notes: readonly EffectNote[];
  /** A middleware that does not exist: Traefik leaves such a router out. */
  readonly missing: readonly string[];
}

/** A note whose place the caller knows. */
export type EffectNote = NoteText & Pick<Note, 'severity'>;

export const noEffects: Effects = {
  protection: { kind: 'open' },
  strips: [],
  add: null,
  replacePath: null,
  replacePrefix: null,
  redirect: null,
  httpsRedirect: null,
  cors: null,
  allowFrom: null,
  websocket: true,
  encodedSlash: 'allow',
  refuses: null,
  redirectExpressions: [],
  setsHeaders: false,
  notes: [],
  missing: [],
};

/** A middleware as a router refers to it. */
export interface MiddlewareReference {
  readonly namespace: string;
  readonly name: string;
}

/** The middlewares that a list names; those without a namespace are of the namespace of the object that has the list. */
export function referencesOf(entries: readonly unknown[], namespace: string): readonly MiddlewareReference[] {
  return entries.map((entry) => ({ namespace: textAt(entry, 'namespace') || namespace, name: textAt(entry, 'name') }));
}

/** Middlewares by `namespace/name`. */
export type Middlewares = ReadonlyMap<string, FoundObject>;

/**
 * What these middlewares do, one after the other and after what was done before.
 * @param referrer the namespace of the object that names them, out of which Traefik follows no reference by default;
 *   null: references may lead anywhere, as those of an Ingress
 */
export function effectsOf(
  references: readonly MiddlewareReference[],
  known: KnownObjects,
  referrer: string | null = null,
  before: Effects = noEffects,
): Effects {
  return references.reduce((effects, reference) => withReference(effects, reference, { known, referrer }, 0), before);
}

interface Reach {
  readonly known: KnownObjects;
  readonly referrer: string | null;
}

const deepestChain = 8;

function withReference(effects: Effects, reference: MiddlewareReference, reach: Reach, depth: number): Effects {
  const { namespace, name } = reference;
  const ofKubernetes = name.endsWith(provider);
  if (name.includes('@') && !ofKubernetes) return withForeign(effects, name);
  const { known, referrer } = reach;
  const found = ofKubernetes ? joined(name.slice(0, -provider.length), known.middlewares) : [];
  const object = ofKubernetes ? found[0] : known.middlewares.get(`${namespace}/${name}`);
  const outside = referrer !== null && (ofKubernetes || namespace !== referrer);
  const reached = outside || found.length > 1 ? withDoubt(effects, unreachable(reference, found.length)) : effects;
  if (object === undefined) {
    const missing = ofKubernetes ? `Middleware ${name}` : `Middleware ${namespace}/${name}`;
    return { ...reached, missing: [...reached.missing, missing] };
  }
  return withObject(reached, object, reach, depth);
}

function withObject(effects: Effects, object: FoundObject, reach: Reach, depth: number): Effects {
  const spec = at(object.body, 'spec');
  const kindsNamed = namesAt(spec);
  if (kindsNamed.length !== 1) return withDoubt(effects, notOneKind(object, kindsNamed));
  if (kindsNamed[0] !== 'chain') return withSpec(effects, object, spec);
  const chained = listAt(spec, 'chain', 'middlewares');
  if (chained.length === 0 || depth >= deepestChain) return withDoubt(effects, unmodelled(object, 'chain'));
  const inner: Reach = { known: reach.known, referrer: reach.referrer === null ? null : object.namespace };
  return referencesOf(chained, object.namespace).reduce(
    (sum, each) => withReference(sum, each, inner, depth + 1),
    effects,
  );
}

function unreachable({ namespace, name }: MiddlewareReference, found: number): NoteText {
  const both = found > 1 ? ', a name that several objects have' : '';
  return {
    code: 'foreign-namespace',
    found: `the middleware ${namespace === '' ? '' : `${namespace}/`}${name} of another namespace${both}`,
    expected: 'a Middleware in the namespace of the route',
    fix: 'Look whether Traefik runs with allowCrossNamespace: without it this router is left out, and a broader one may answer.',
  };
}

function notOneKind({ subject }: FoundObject, found: readonly string[]): NoteText {
  return {
    code: 'broken-middleware',
    found: `${subject} with ${found.length === 0 ? 'no kind' : `the kinds ${found.join(', ')}`}`,
    expected: 'one kind of middleware an object',
    fix: 'Write an object for each kind: Traefik leaves routers with this one out, and a broader one may answer.',
  };
}

/** How Traefik's routers of other kinds name a Middleware object: `<namespace>-<name>@kubernetescrd`. */
const provider = '@kubernetescrd';

function joined(name: string, known: Middlewares): readonly FoundObject[] {
  return [...known.values()].filter((object) => `${object.namespace}-${object.name}` === name);
}

/** A middleware of another provider. Those of our own edge are known by name; of others nothing is known. */
function withForeign(effects: Effects, name: string): Effects {
  switch (name) {
    case `${fileObject.encodedSlash}@file`:
      return { ...effects, encodedSlash: 'refuse' };
    case `${fileObject.hygiene}@file`:
      return { ...effects, websocket: false };
    case `${fileObject.websocketHygiene}@file`:
      return effects;
    case `${fileObject.httpsRedirect}@file`:
      return { ...effects, httpsRedirect: { get: 308, other: 308 } };
    case `${fileObject.notFound}@file`:
      return { ...effects, refuses: 404 };
    case `${fileObject.refuse}@file`:
      return { ...effects, refuses: 400 };
    default:
      return protectedBy(
        withNote(effects, {
          code: 'foreign-middleware',
          found: `the middleware ${name}, which stands outside of the objects`,
          expected: 'a Middleware object',
          fix: 'Look at what it does in the configuration of that provider.',
        }),
        { kind: 'unknown', why: `the middleware ${name} may ask somebody` },
      );
  }
}

type Reader = (effects: Effects, options: unknown, object: FoundObject) => Effects;

/** What each kind of middleware that is read does. */
const kinds: Readonly<Record<string, Reader>> = {
  forwardAuth: withForwardAuth,
  basicAuth: withBasicAuth,
  digestAuth: (effects) => protectedBy(effects, { kind: 'unknown', why: 'digest authentication' }),
  ipAllowList: withAllowList,
  ipWhiteList: withAllowList,
  stripPrefix: (effects, options) => ({ ...effects, strips: [...effects.strips, textsAt(options, 'prefixes')] }),
  stripPrefixRegex: (effects, _, object) => withNote(effects, unmodelled(object, 'stripPrefixRegex')),
  addPrefix: (effects, options) => ({ ...effects, add: textAt(options, 'prefix') }),
  replacePath: (effects, options) => ({ ...effects, replacePath: textAt(options, 'path') }),
  replacePathRegex: (effects, _, object) => withNote(effects, unmodelled(object, 'replacePathRegex')),
  redirectScheme: withSchemeRedirect,
  redirectRegex: withRegexRedirect,
  headers: withHeaders,
  errors: (effects, _, object) => withNote(effects, unmodelled(object, 'errors')),
  plugin: (effects, _, object) =>
    protectedBy(withNote(effects, unmodelled(object, 'plugin')), {
      kind: 'unknown',
      why: `the plugin of ${object.subject} may ask somebody`,
    }),
  encodedCharacters: (effects, options) =>
    at(options, 'allowEncodedSlash') === false ? { ...effects, encodedSlash: 'refuse' } : effects,
};

function withSpec(effects: Effects, object: FoundObject, spec: unknown): Effects {
  return namesAt(spec).reduce((sum, kind) => {
    const bearing = bearingOf(middlewareKinds, kind);
    if (bearing.kind === 'harmless') return sum;
    const reader = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    return reader === undefined ? withDoubt(sum, unmodelled(object, kind)) : reader(sum, at(spec, kind), object);
  }, effects);
}

function withForwardAuth(effects: Effects, options: unknown, object: FoundObject): Effects {
  const url = textAt(options, 'address');
  const question = readSidecarUrl(url);
  if (question?.kind === 'redirect') return { ...effects, redirect: question };
  const told = withOptionDoubts(effects, object, options, forwardAuthOptions);
  if (!/^https?:\/\/[^\s/]+/.test(url))
    return withDoubt(told, broken(object, `the address ${JSON.stringify(url)}`, 'a URL'));
  const protection = forwardAuthProtection({
    url,
    responseHeaders: textsAt(options, 'authResponseHeaders'),
    signIn: textAt(options, 'authSigninURL') || null,
    namespace: object.namespace,
  });
  return protectedBy(told, protection);
}

function withBasicAuth(effects: Effects, options: unknown, object: FoundObject): Effects {
  const secret = textAt(options, 'secret');
  const told = withOptionDoubts(effects, object, options, basicAuthOptions);
  if (secret === '') return withDoubt(told, broken(object, 'no secret', 'the name of a Secret with users'));
  return protectedBy(told, { kind: 'basicAuth', secret, realm: textAt(options, 'realm') || 'traefik' });
}

function withOptionDoubts(
  effects: Effects,
  object: FoundObject,
  options: unknown,
  table: Readonly<Record<string, Bearing>>,
): Effects {
  return namesAt(options)
    .filter((name) => bearingOf(table, name).kind === 'doubt')
    .reduce(
      (sum, name) => withDoubt(sum, broken(object, `the option ${name}`, 'options that this reader understands')),
      effects,
    );
}

function broken({ subject }: FoundObject, found: string, expected: string): NoteText {
  return {
    code: 'broken-middleware',
    found: `${subject} with ${found}`,
    expected,
    fix: 'Mend it: Traefik leaves routers with a middleware that it cannot make out, and a broader one may answer.',
  };
}

function unmodelled(object: FoundObject, kind: string): NoteText {
  return {
    code: 'unknown-middleware',
    found: `${object.subject} of the kind ${kind}`,
    expected: 'a kind of middleware that routes have a field for',
    fix: 'Compare what it does by hand.',
  };
}

/** A second protection stands beside the first one; the contract has one a route. */
export function protectedBy(effects: Effects, protection: ReadProtection): Effects {
  const rewritten = effects.strips.length > 0 || effects.add !== null || effects.replacePath !== null;
  const late: NoteText = {
    code: 'protection-after-rewrite',
    found: 'a protection behind a middleware that changes the path',
    expected: 'protection first',
    fix: 'Put the protection first: it is asked about another path than the client sent.',
  };
  const after = effects.setsHeaders && protection.kind !== 'open' ? withDoubt(effects, afterHeaders) : effects;
  const told = rewritten && protection.kind === 'forwardAuth' ? withNote(after, late) : after;
  if (told.protection.kind === 'open') return { ...told, protection };
  if (protection.kind === 'unknown') return told;
  if (told.protection.kind === 'unknown') return { ...told, protection };
  return withNote(told, {
    code: 'second-protection',
    found: `${protection.kind} beside ${told.protection.kind}`,
    expected: 'one protection a route',
    fix: 'Choose one, or let the auth service ask the other.',
  });
}

export function withNote(effects: Effects, note: NoteText): Effects {
  return { ...effects, notes: [...effects.notes, { ...note, severity: 'note' }] };
}

/** As `withNote`, for what makes it impossible to say who may pass or where a request goes. */
export function withDoubt(effects: Effects, note: NoteText): Effects {
  return { ...effects, notes: [...effects.notes, { ...note, severity: 'doubt' }] };
}

const afterHeaders: NoteText = {
  code: 'headers-before-protection',
  found: 'request headers that are set before the protection, which takes them for the visitor’s own',
  expected: 'protection first',
  fix: 'Put the protection first: a header set by the edge may let everybody in.',
};

/** An address no client has: who allows only it refuses everyone. */
const nobody = '255.255.255.255/32';

function withAllowList(effects: Effects, options: unknown, object: FoundObject): Effects {
  if (textsAt(options, 'sourceRange').some((range) => !/^[0-9a-fA-F.:]+(?:\/[0-9]+)?$/.test(range)))
    return withDoubt(effects, broken(object, 'a range that is none', 'addresses and CIDR ranges'));
  const ranges = textsAt(options, 'sourceRange').map((range) => (range.includes('/') ? range : whole(range)));
  if (ranges.length === 1 && ranges[0] === nobody)
    return { ...effects, refuses: Number(textAt(options, 'rejectStatusCode') || '403') };
  const { allowFrom } = effects;
  return { ...effects, allowFrom: allowFrom === null ? ranges : allowFrom.filter((range) => ranges.includes(range)) };
}

/** One address as a range. */
function whole(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

function withSchemeRedirect(effects: Effects, options: unknown): Effects {
  const scheme = textAt(options, 'scheme');
  const permanent = at(options, 'permanent') === true;
  if (scheme === 'https')
    return { ...effects, httpsRedirect: permanent ? { get: 301, other: 308 } : { get: 302, other: 307 } };
  const status = permanent ? 301 : 302;
  const to = { to: null, host: null, path: null, scheme: scheme === 'http' ? ('http' as const) : null };
  return { ...effects, redirect: { kind: 'redirect', status, ...to } };
}

function withRegexRedirect(effects: Effects, options: unknown): Effects {
  const status = at(options, 'permanent') === true ? 301 : 302;
  const [regex, replacement] = [textAt(options, 'regex'), textAt(options, 'replacement')];
  const target = redirectTarget(regex, replacement);
  const to = { to: null, scheme: null, host: null, path: null };
  if (target !== null) return { ...effects, redirect: { kind: 'redirect', status, ...to, ...target } };
  const expressions = [...effects.redirectExpressions, regex];
  return withNote(
    { ...effects, redirectExpressions: expressions },
    {
      code: 'redirect-expression',
      found: `a redirect of what ${JSON.stringify(regex)} matches to ${JSON.stringify(replacement)}; all else reaches the app`,
      expected: 'a redirect to one URL, or to another scheme, host or path',
      fix: 'Compare this redirect by hand.',
    },
  );
}

type Target = Partial<Extract<MatchableRoute['action'], { kind: 'redirect' }>>;

/** The redirects that our own edge writes, and those to one URL whatever was asked for; null: something else. */
function redirectTarget(regex: string, replacement: string): Target | null {
  if (/^\^?\.[*+]\$?$/.test(regex) && !/\$(?!\$)[{0-9a-z]/i.test(replacement.replaceAll('$$', '')))
    return { to: replacement.replaceAll('$$', '$') };
  if (regex !== anyUrl) return null;
  const parts = /^(https?|\$\{1\}):\/\/(\$\{2\}(?:\$\{3\})?|[^/]+?)(\$\{4\}|\/.*?)\$\{5\}$/.exec(replacement);
  if (parts === null) return null;
  const [, scheme = '', authority = '', path = ''] = parts;
  return {
    scheme: scheme === 'http' || scheme === 'https' ? scheme : null,
    host: authority.startsWith(group(2)) ? null : authority.replaceAll('$$', '$'),
    path: path === group(4) ? null : path.replaceAll('$$', '$'),
  };
}

/** A group of the expression, as a replacement names it. */
function group(number: number): string {
  return `\${${number}}`;
}

function withHeaders(effects: Effects, options: unknown): Effects {
  const removed = Object.entries((at(options, 'customRequestHeaders') ?? {}) as Readonly<Record<string, unknown>>)
    .filter(([, value]) => value === '')
    .map(([name]) => name.toLowerCase());
  const sets = Object.values((at(options, 'customRequestHeaders') ?? {}) as object).some((value) => value !== '');
  const origins = textsAt(options, 'accessControlAllowOriginList');
  const late = origins.length > 0 && effects.protection.kind !== 'open';
  return {
    ...(late ? withNote(effects, preflightAsked) : effects),
    websocket: effects.websocket && !removed.includes('upgrade'),
    setsHeaders: effects.setsHeaders || sets,
    cors: origins.length === 0 || late ? effects.cors : { origins },
  };
}

const preflightAsked: NoteText = {
  code: 'cors-after-protection',
  found: 'CORS behind the protection, so that a preflight is asked like any other request',
  expected: 'CORS before the protection',
  fix: 'Put the headers middleware before the one that asks.',
};
