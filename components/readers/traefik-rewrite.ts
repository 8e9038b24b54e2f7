import type { MatchableRoute, PathMatch } from '../model/route-match.ts';
import type { NoteText } from './kube-object.ts';
import type { Effects } from './traefik-middlewares.ts';

interface RewriteReading {
  readonly rewrite: MatchableRoute['rewrite'];
  readonly notes: readonly NoteText[];
}

/** What strips, additions and replacements do to the paths that a route takes, as one replaced prefix. */
export function rewriteOf({ strips, add, replacePath, replacePrefix }: Effects, path: PathMatch): RewriteReading {
  if (replacePath !== null) return replaced(replacePath, path);
  if (replacePrefix !== null)
    return { rewrite: { kind: 'replacePrefix', from: path.path, to: bare(replacePrefix) }, notes: [] };
  const [strip, ...more] = strips.flatMap((prefixes) => prefixes.find((prefix) => isBelow(path.path, prefix)) ?? []);
  const sometimes = strips
    .flat()
    .filter((prefix) => !isBelow(path.path, prefix) && path.kind === 'prefix' && isBelow(prefix, path.path));
  const notes = more.length > 0 || sometimes.length > 0 ? [note(`strips of ${strips.flat().join(', ')}`)] : [];
  if (strip === undefined && add === null) return { rewrite: { kind: 'none' }, notes };
  return { rewrite: { kind: 'replacePrefix', from: bare(strip ?? '/'), to: bare(add ?? '/') }, notes };
}

function replaced(to: string, path: PathMatch): RewriteReading {
  if (path.kind === 'exact') return { rewrite: { kind: 'replacePrefix', from: path.path, to }, notes: [] };
  return { rewrite: { kind: 'none' }, notes: [note(`one path, ${to}, for every request`)] };
}

/** Whether a path is a prefix, or lies below it. */
function isBelow(path: string, prefix: string): boolean {
  return bare(prefix) === '/' || path === bare(prefix) || path.startsWith(`${bare(prefix)}/`);
}

function bare(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
}

function note(found: string): NoteText {
  return {
    code: 'inexpressible-rewrite',
    found,
    expected: 'one prefix of whole segments that is replaced',
    fix: 'Compare by hand which path the app gets.',
  };
}
