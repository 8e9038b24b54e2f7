// Long: every kind of middleware and what it does to a route, as one table.
import { readSidecarUrl } from '../dialects/edge-sidecar.ts';
import { anyUrl, fileObject } from '../dialects/traefik-own.ts';
import type { MatchableRoute } from '../model/route-match.ts';
import { at, type FoundObject, listAt, type NoteText, textAt, textsAt } from './kube-object.ts';
import { forwardAuthProtection } from './protection.ts';
import type { ReadProtection } from './read-route.ts';

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
  readonly httpsRedirect: boolean;
  readonly cors: MatchableRoute['cors'];
  readonly allowFrom: readonly string[] | null;
  readonly websocket: boolean;
  readonly encodedSlash: 'refuse' | 'allow';
  /** Everybody is refused with this status: the router is a guard. */
  readonly refuses: number | null;
  readonly notes: readonly NoteText[];
  /** A middleware that does not exist: Traefik leaves such a router out. */
  readonly missing: readonly string[];
}

export const noEffects: Effects = {
  protection: { kind: 'open' },
  strips: [],
  add: null,
  replacePath: null,
  replacePrefix: null,
  redirect: null,
  httpsRedirect: false,
  cors: null,
  allowFrom: null,
  websocket: true,
  encodedSlash: 'allow',
  refuses: null,
  notes: [],
  missing: [],
};

/** A middleware as a router refers to it. */
export interface MiddlewareReference {
  readonly namespace: string;
  readonly name: string;
}

/** Middlewares by `namespace/name`. */
export type Middlewares = ReadonlyMap<string, FoundObject>;

/** What these middlewares do, one after the other and after what was done before. */
export function effectsOf(
  references: readonly MiddlewareReference[],
  known: Middlewares,
  before: Effects = noEffects,
): Effects {
  return references.reduce((effects, reference) => withReference(effects, reference, known, 0), before);
}

const deepestChain = 8;

function withReference(effects: Effects, reference: MiddlewareReference, known: Middlewares, depth: number): Effects {
  const { namespace, name } = reference;
  const ofKubernetes = name.endsWith(provider);
  if (name.includes('@') && !ofKubernetes) return withForeign(effects, name);
  const object = ofKubernetes ? joined(name.slice(0, -provider.length), known) : known.get(`${namespace}/${name}`);
  if (object === undefined) {
    const missing = ofKubernetes ? `Middleware ${name}` : `Middleware ${namespace}/${name}`;
    return { ...effects, missing: [...effects.missing, missing] };
  }
  const spec = at(object.body, 'spec');
  const chained = listAt(spec, 'chain', 'middlewares');
  if (chained.length === 0) return withSpec(effects, object, spec);
  if (depth >= deepestChain) return withNote(effects, unmodelled(object, 'chain'));
  return chained
    .map((entry) => ({ namespace: textAt(entry, 'namespace') || object.namespace, name: textAt(entry, 'name') }))
    .reduce((sum, inner) => withReference(sum, inner, known, depth + 1), effects);
}

/** How Traefik's routers of other kinds name a Middleware object: `<namespace>-<name>@kubernetescrd`. */
const provider = '@kubernetescrd';

function joined(name: string, known: Middlewares): FoundObject | undefined {
  return [...known.values()].find((object) => `${object.namespace}-${object.name}` === name);
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
      return { ...effects, httpsRedirect: true };
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

/** What each kind of middleware that the contract has words for does. */
const kinds: Readonly<Record<string, Reader>> = {
  forwardAuth: (effects, options, { namespace }) => {
    const url = textAt(options, 'address');
    const question = readSidecarUrl(url);
    if (question?.kind === 'redirect') return { ...effects, redirect: question };
    const protection = forwardAuthProtection({
      url,
      responseHeaders: textsAt(options, 'authResponseHeaders'),
      signIn: textAt(options, 'authSigninURL') || null,
      namespace,
    });
    return protectedBy(effects, protection);
  },
  basicAuth: (effects, options) =>
    protectedBy(effects, {
      kind: 'basicAuth',
      secret: textAt(options, 'secret'),
      realm: textAt(options, 'realm') || 'traefik',
    }),
  digestAuth: (effects) => protectedBy(effects, { kind: 'unknown', why: 'digest authentication' }),
  ipAllowList: withAllowList,
  ipWhiteList: withAllowList,
  stripPrefix: (effects, options) => ({ ...effects, strips: [...effects.strips, textsAt(options, 'prefixes')] }),
  addPrefix: (effects, options) => ({ ...effects, add: textAt(options, 'prefix') }),
  replacePath: (effects, options) => ({ ...effects, replacePath: textAt(options, 'path') }),
  redirectScheme: withSchemeRedirect,
  redirectRegex: withRegexRedirect,
  headers: withHeaders,
  encodedCharacters: (effects, options) =>
    at(options, 'allowEncodedSlash') === false ? { ...effects, encodedSlash: 'refuse' } : effects,
};

/** Kinds that change nothing a route means: limits, retries, compression. */
const meaningless: ReadonlySet<string> = new Set([
  'buffering',
  'circuitBreaker',
  'compress',
  'contentType',
  'grpcWeb',
  'inFlightReq',
  'passTLSClientCert',
  'rateLimit',
  'retry',
]);

function withSpec(effects: Effects, object: FoundObject, spec: unknown): Effects {
  const named = typeof spec === 'object' && spec !== null ? Object.keys(spec) : [];
  return named.reduce((sum, kind) => {
    const reader = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (reader !== undefined) return reader(sum, at(spec, kind), object);
    if (meaningless.has(kind)) return sum;
    const noted = withNote(sum, unmodelled(object, kind));
    return kind === 'plugin'
      ? protectedBy(noted, { kind: 'unknown', why: `the plugin of ${object.subject} may ask somebody` })
      : noted;
  }, effects);
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
  const told = rewritten && protection.kind === 'forwardAuth' ? withNote(effects, late) : effects;
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
  return { ...effects, notes: [...effects.notes, note] };
}

/** An address no client has: who allows only it refuses everyone. */
const nobody = '255.255.255.255/32';

function withAllowList(effects: Effects, options: unknown): Effects {
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
  if (scheme === 'https') return { ...effects, httpsRedirect: true };
  const status = at(options, 'permanent') === true ? 301 : 302;
  const to = { to: null, host: null, path: null, scheme: scheme === 'http' ? ('http' as const) : null };
  return { ...effects, redirect: { kind: 'redirect', status, ...to } };
}

function withRegexRedirect(effects: Effects, options: unknown): Effects {
  const status = at(options, 'permanent') === true ? 301 : 302;
  const [regex, replacement] = [textAt(options, 'regex'), textAt(options, 'replacement')];
  const target = redirectTarget(regex, replacement);
  const to = { to: null, scheme: null, host: null, path: null };
  if (target !== null) return { ...effects, redirect: { kind: 'redirect', status, ...to, ...target } };
  const noted = withNote(effects, {
    code: 'redirect-expression',
    found: `a redirect from ${JSON.stringify(regex)} to ${JSON.stringify(replacement)}`,
    expected: 'a redirect to one URL, or to another scheme, host or path',
    fix: 'Compare this redirect by hand.',
  });
  return { ...noted, redirect: { kind: 'redirect', status, ...to, to: replacement } };
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
  const origins = textsAt(options, 'accessControlAllowOriginList');
  return {
    ...effects,
    websocket: effects.websocket && !removed.includes('upgrade'),
    cors: origins.length === 0 ? effects.cors : { origins },
  };
}
