import type { MatchableRoute, PathMatch } from '../model/route-match.ts';
import type { NoteText } from './kube-object.ts';
import { prefixByCharacter } from './rule-claims.ts';

/** A path of an Ingress as the contract says it. */
export interface PathReading {
  readonly path: PathMatch;
  readonly rewrite: MatchableRoute['rewrite'];
  readonly fit: 'same' | 'wider' | 'narrower';
  readonly notes: readonly NoteText[];
}

/**
 * A path of an Ingress. With `regex` (use-regex or rewrite-target on any Ingress of the host) ingress-nginx takes every
 * path as an expression, without regard to case, from the start: the forms that strip a prefix are known, others are
 * told by their fixed beginning.
 */
export function readPath(text: string, type: string, regex: boolean, target: string | null): PathReading {
  const path = text === '' ? '/' : text;
  if (!regex) return { ...plainPath(path, type), rewrite: { kind: 'none' } };
  const strip = stripForm(path);
  if (strip !== null) return stripped(strip, target);
  const fixed = /^[A-Za-z0-9/._~-]*/.exec(path)?.[0] ?? '';
  if (fixed !== path) return expression(path, fixed);
  const plain = plainPath(path, type);
  const exact = type === 'Exact';
  const rewrite = rewriteTo(target, plain.path, exact);
  const fit = exact || path === '/' ? plain.fit : 'wider';
  return { path: plain.path, fit, rewrite: rewrite.rewrite, notes: [...plain.notes, ...rewrite.notes] };
}

function plainPath(path: string, type: string): Omit<PathReading, 'rewrite'> {
  if (type === 'Exact') return { path: { kind: 'exact', path }, fit: 'same', notes: [] };
  if (type === 'Prefix') return { path: { kind: 'prefix', path: bare(path) }, fit: 'same', notes: [] };
  const { path: read, fit, note } = prefixByCharacter(path);
  return { path: read, fit, notes: note === null ? [] : [note] };
}

interface Strip {
  readonly prefix: string;
  /** The number of the group that holds what stands behind the prefix, without its slash. */
  readonly rest: number;
  /** `/app/?(.*)` takes `/appx` too, `/app/(.*)` leaves `/app` itself out. */
  readonly fit: PathReading['fit'];
}

/** `/app(/|$)(.*)`, `/app/(.*)`, `/app/?(.*)`, `/(.*)`. */
function stripForm(path: string): Strip | null {
  const bounded = /^(\/[A-Za-z0-9/._~-]*?)\(\/\|\$\)\(\.\*\)$/.exec(path);
  if (bounded?.[1] !== undefined) return { prefix: bare(bounded[1]), rest: 2, fit: 'same' };
  const loose = /^(\/[A-Za-z0-9/._~-]*?)(\/\??)\(\.\*\)$/.exec(path);
  if (loose?.[1] !== undefined) return { prefix: bare(loose[1]), rest: 1, fit: looseFit(loose[1], loose[2]) };
  return path === '/(.*)' ? { prefix: '/', rest: 1, fit: 'same' } : null;
}

function looseFit(prefix: string, end: string | undefined): PathReading['fit'] {
  if (prefix === '/' || prefix === '') return 'same';
  return end === '/?' ? 'wider' : 'narrower';
}

function stripped({ prefix, rest, fit }: Strip, target: string | null): PathReading {
  const path: PathMatch = { kind: 'prefix', path: prefix };
  const to = target === null ? null : new RegExp(`^(/[A-Za-z0-9/._~-]*?)/?\\$${rest}$`).exec(target)?.[1];
  const notes = fit === 'same' ? [] : [expressionNote(`${prefix}…(.*)`, differences[fit](prefix))];
  if (target === null) return { path, rewrite: { kind: 'none' }, fit, notes };
  if (to === undefined || to === null)
    return { path, rewrite: { kind: 'none' }, fit, notes: [...notes, rewriteNote(target)] };
  const rewrite = prefix === '/' && bare(to) === '/' ? { kind: 'none' as const } : replace(prefix, bare(to));
  return { path, rewrite, fit, notes };
}

const differences = {
  wider: (prefix: string) => `${prefix}x belongs to it too`,
  narrower: (prefix: string) => `${prefix} itself does not belong to it`,
} as const;

function replace(from: string, to: string): MatchableRoute['rewrite'] {
  return { kind: 'replacePrefix', from, to };
}

/** Without a group the target stands for the whole path of every request. */
function rewriteTo(target: string | null, path: PathMatch, exact: boolean) {
  if (target === null) return { rewrite: { kind: 'none' } as const, notes: [] };
  if (exact && !target.includes('$')) return { rewrite: replace(path.path, target), notes: [] };
  return { rewrite: { kind: 'none' } as const, notes: [rewriteNote(target)] };
}

function expression(path: string, fixed: string): PathReading {
  const cut = fixed.slice(0, fixed.lastIndexOf('/') + 1);
  const notes = [expressionNote(path, 'it takes fewer requests than are told here')];
  return { path: { kind: 'prefix', path: bare(cut || '/') }, rewrite: { kind: 'none' }, fit: 'narrower', notes };
}

function expressionNote(path: string, difference: string): NoteText {
  return {
    code: 'path-expression',
    found: `the path ${JSON.stringify(path)}`,
    expected: 'an exact path, or a prefix of whole segments',
    fix: `Say it without an expression: ${difference}.`,
  };
}

function rewriteNote(target: string): NoteText {
  return {
    code: 'inexpressible-rewrite',
    found: `the rewrite target ${JSON.stringify(target)} for this path`,
    expected: 'one prefix of whole segments that is replaced',
    fix: 'Compare by hand which path the app gets: ingress-nginx replaces the whole path.',
  };
}

function bare(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path === '' ? '/' : path;
}
