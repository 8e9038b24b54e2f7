// Long: the way from a rule to its alternatives is read as one.
import type { HeaderValue, HostMatch, PathMatch, RouteMatch } from '../model/route-match.ts';
import { readHostPattern } from './host-pattern.ts';
import type { NoteText } from './kube-object.ts';
import type { ReadRoute } from './read-route.ts';
import { ruleMatchers } from './tables/traefik-objects.ts';
import type { Rule } from './traefik-rule.ts';

/** Requests that one alternative of a rule takes. */
export interface Claim {
  readonly match: RouteMatch;
  readonly fit: 'same' | 'wider' | 'narrower';
  readonly comparison: ReadRoute['comparison'];
  readonly deepHost: boolean;
  readonly queries: ReadRoute['queries'];
  /** Only upgrades to WebSocket. */
  readonly upgrade: boolean;
  /** Whether the rule speaks of certificate challenges: leaves them out, or takes nothing else. */
  readonly challenge: 'taken' | 'left' | 'only';
  readonly notes: readonly NoteText[];
}

const acmePath = '/.well-known/acme-challenge/';

/** More alternatives than people write; a rule beyond is told, not expanded. */
const mostAlternatives = 256;

interface Literal {
  readonly matcher: string;
  readonly values: readonly string[];
  readonly negated: boolean;
}

/** A path before alternatives are joined: Traefik compares prefixes by character, not by segment. */
type RawPath = { readonly kind: 'exact' | 'characters' | 'prefix'; readonly path: string };

interface Draft extends Omit<Claim, 'match' | 'comparison'> {
  readonly host: HostMatch;
  readonly path: RawPath;
  /** null: every method. */
  readonly methods: readonly string[] | null;
  readonly headers: readonly HeaderValue[];
}

const everything: Draft = {
  host: { kind: 'any' },
  path: { kind: 'characters', path: '/' },
  methods: null,
  headers: [],
  fit: 'same',
  deepHost: false,
  queries: [],
  upgrade: false,
  challenge: 'taken',
  notes: [],
};

/**
 * The alternatives of a rule, each as the contract says it as far as it can. What it cannot say stands in the notes. A
 * rule that takes no request has none; null: too many alternatives.
 */
export function claimsOf(rule: Rule): readonly Claim[] | null {
  const conjunctions = alternatives(rule, false);
  if (conjunctions === null) return null;
  const drafts = conjunctions.flatMap((literals) => draftOf(literals) ?? []);
  const claims = joinMethods(joinPaths(drafts)).map(claimOf);
  return takesChallengesOnly(rule) ? claims.map((claim) => ({ ...claim, challenge: 'only' })) : claims;
}

function takesChallengesOnly(rule: Rule): boolean {
  if (rule.kind !== 'and') return false;
  return rule.rules.some(
    (part) => part.kind === 'call' && part.matcher === 'PathPrefix' && part.values[0] === acmePath,
  );
}

/** Disjunctive normal form. */
function alternatives(rule: Rule, negated: boolean): readonly (readonly Literal[])[] | null {
  if (rule.kind === 'not') return alternatives(rule.rule, !negated);
  if (rule.kind === 'call') return callAlternatives(rule, negated);
  const parts = rule.rules.map((part) => alternatives(part, negated));
  const isOr = (rule.kind === 'or') !== negated;
  let all: readonly (readonly Literal[])[] = isOr ? [] : [[]];
  for (const part of parts) {
    if (part === null) return null;
    all = isOr ? [...all, ...part] : all.flatMap((left) => part.map((right) => [...left, ...right]));
    if (all.length > mostAlternatives) return null;
  }
  return all;
}

const manyValues: ReadonlySet<string> = new Set(['host', 'hostheader', 'hostregexp', 'path', 'pathprefix', 'method']);

/**
 * What in a rule makes Traefik 3 refuse it: a matcher that it does not have, or another number of values than it takes.
 * null: nothing does.
 */
export function refusedBy(rule: Rule): string | null {
  if (rule.kind === 'not') return refusedBy(rule.rule);
  if (rule.kind !== 'call') return rule.rules.map(refusedBy).find((why) => why !== null) ?? null;
  const takes = ruleMatchers[rule.matcher.toLowerCase()];
  if (takes === undefined) return `${rule.matcher}, a matcher that Traefik 3 does not have`;
  const { length } = rule.values;
  return takes.includes(length) ? null : `${rule.matcher} with ${length} values, where it takes ${takes.join(' or ')}`;
}

/** Several values of one matcher are alternatives, as Traefik 2 took them. */
function callAlternatives({ matcher, values }: Extract<Rule, { kind: 'call' }>, negated: boolean) {
  const name = matcher.toLowerCase();
  if (!manyValues.has(name)) return [[{ matcher: name, values, negated }]];
  const each = values.map((value): Literal => ({ matcher: name, values: [value], negated }));
  return negated ? [each] : each.map((literal) => [literal]);
}

function draftOf(literals: readonly Literal[]): Draft | null {
  return literals.reduce<Draft | null>((draft, literal) => (draft === null ? null : narrowed(draft, literal)), {
    ...everything,
  });
}

/** What is left of a draft under one more condition; null: nothing. */
function narrowed(draft: Draft, literal: Literal): Draft | null {
  const [first = '', second = ''] = literal.values;
  if (literal.negated) return withoutLiteral(draft, literal);
  switch (literal.matcher) {
    case 'host':
    case 'hostheader':
    case 'hostregexp':
      return withHost(draft, first, literal.matcher === 'hostregexp');
    case 'path':
      return withPath(draft, { kind: 'exact', path: first });
    case 'pathprefix':
      return withPath(draft, { kind: 'characters', path: first });
    case 'method':
      return withMethod(draft, first.toUpperCase());
    case 'header':
    case 'headers':
      return { ...draft, headers: [...draft.headers, { name: first.toLowerCase(), value: second }] };
    case 'query': {
      const [name = '', value] = literal.values;
      return { ...draft, queries: [...draft.queries, { name, value: value ?? null }] };
    }
    case 'headerregexp':
      if (first.toLowerCase() === 'upgrade' && second === '(?i)^websocket$') return { ...draft, upgrade: true };
      return inexpressible(draft, literal);
    default:
      return inexpressible(draft, literal);
  }
}

function withoutLiteral(draft: Draft, literal: Literal): Draft {
  if (literal.matcher === 'pathprefix' && literal.values[0] === acmePath) return { ...draft, challenge: 'left' };
  return inexpressible(draft, literal);
}

function inexpressible(draft: Draft, { matcher, values, negated }: Literal): Draft {
  const condition = `${negated ? '!' : ''}${matcher}(${values.map((value) => JSON.stringify(value)).join(', ')})`;
  const note: NoteText = {
    code: 'inexpressible-condition',
    found: `the condition ${condition}`,
    expected: 'hosts, exact paths, prefixes, methods and exact header values',
    fix: 'Compare this route by hand: it takes fewer requests than are told here.',
  };
  return { ...draft, fit: 'narrower', notes: [...draft.notes, note] };
}

function withHost(draft: Draft, text: string, isRegexp: boolean): Draft | null {
  const { host, fit, note, deep } = readHostPattern(text, isRegexp);
  const both = sharedHost(draft.host, host);
  if (both === null) return null;
  return {
    ...draft,
    host: both,
    deepHost: draft.deepHost || deep,
    fit: fit === 'same' ? draft.fit : fit,
    notes: note === null ? draft.notes : [...draft.notes, note],
  };
}

function sharedHost(a: HostMatch, b: HostMatch): HostMatch | null {
  if (a.kind === 'any') return b;
  if (b.kind === 'any') return a;
  if (a.kind === 'wildcard' && b.kind === 'wildcard') return a.suffix === b.suffix ? a : null;
  if (a.kind === 'exact' && b.kind === 'exact') return a.name === b.name ? a : null;
  const [name, wildcard] = a.kind === 'exact' ? [a, b] : [b, a];
  if (name.kind !== 'exact' || wildcard.kind !== 'wildcard') return null;
  return name.name.slice(name.name.indexOf('.') + 1) === wildcard.suffix ? name : null;
}

function withPath(draft: Draft, path: RawPath): Draft | null {
  const both = sharedPath(draft.path, path);
  return both === null ? null : { ...draft, path: both };
}

function sharedPath(a: RawPath, b: RawPath): RawPath | null {
  if (a.kind === 'exact') return takes(b, a.path) ? a : null;
  if (b.kind === 'exact') return takes(a, b.path) ? b : null;
  if (a.path.startsWith(b.path)) return a;
  return b.path.startsWith(a.path) ? b : null;
}

function takes({ kind, path }: RawPath, other: string): boolean {
  return kind === 'exact' ? path === other : other.startsWith(path);
}

function withMethod(draft: Draft, method: string): Draft | null {
  const excluded = draft.methods !== null && !draft.methods.includes(method);
  return excluded ? null : { ...draft, methods: [method] };
}

/** `Path(p) || PathPrefix(p/)` is the prefix of the contract, by whole segments. */
function joinPaths(drafts: readonly Draft[]): readonly Draft[] {
  const keys = new Map(drafts.map((draft) => [keyOf(draft, { path: draft.path }), draft]));
  return [...keys.values()].flatMap((draft) => {
    const { kind, path } = draft.path;
    if (kind === 'exact' && keys.has(keyOf(draft, { path: { kind: 'characters', path: `${path}/` } })))
      return { ...draft, path: { kind: 'prefix' as const, path } };
    const twin: RawPath = { kind: 'exact', path: path.slice(0, -1) };
    return kind === 'characters' && keys.has(keyOf(draft, { path: twin })) ? [] : draft;
  });
}

/** Drafts that differ in their methods only are one. */
function joinMethods(drafts: readonly Draft[]): readonly Draft[] {
  const joined = new Map<string, Draft>();
  for (const draft of drafts) {
    const key = keyOf(draft, { methods: [] });
    const known = joined.get(key);
    joined.set(key, known === undefined ? draft : { ...draft, methods: eitherMethod(known.methods, draft.methods) });
  }
  return [...joined.values()];
}

function eitherMethod(a: Draft['methods'], b: Draft['methods']): Draft['methods'] {
  return a === null || b === null ? null : [...a, ...b];
}

function keyOf(draft: Draft, changed: Partial<Draft>): string {
  const { host, path, methods, headers, queries, upgrade, challenge, notes } = { ...draft, ...changed };
  return JSON.stringify([host, path.kind, path.path, methods, headers, queries, upgrade, challenge, notes]);
}

function claimOf({ host, path, methods, headers, fit, ...rest }: Draft): Claim {
  const read = contractPath(path);
  return {
    ...rest,
    match: {
      host,
      path: read.path,
      methods: [...new Set(methods ?? [])].toSorted(),
      headers: headers.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    },
    fit: fit === 'same' ? read.fit : fit,
    comparison:
      path.kind === 'characters' && path.path !== '/'
        ? { kind: 'characters', prefix: path.path }
        : { kind: 'contract' },
    notes: read.note === null ? rest.notes : [...rest.notes, read.note],
  };
}

interface ContractPath {
  readonly path: PathMatch;
  readonly fit: Claim['fit'];
  readonly note: NoteText | null;
}

function contractPath({ kind, path }: RawPath): ContractPath {
  if (kind !== 'characters') return { path: { kind, path }, fit: 'same', note: null };
  return prefixByCharacter(path);
}

/** A prefix that is compared by character, in the words of the contract, which compares whole segments. */
export function prefixByCharacter(path: string): ContractPath {
  if (path === '/' || path === '') return { path: { kind: 'prefix', path: '/' }, fit: 'same', note: null };
  const ends = path.endsWith('/');
  const bare = ends ? path.slice(0, -1) : path;
  const note: NoteText = {
    code: 'prefix-by-character',
    found: ends ? `a prefix that leaves ${bare} itself out` : `a prefix that takes ${bare}x too`,
    expected: `a prefix of whole segments: ${bare} and everything below it`,
    fix: ends ? `Decide whether ${bare} itself belongs to it.` : `Decide whether ${bare}x belongs to it.`,
  };
  return { path: { kind: 'prefix', path: bare }, fit: ends ? 'narrower' : 'wider', note };
}
