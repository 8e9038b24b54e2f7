import type { EdgeRequest } from '../model/outcome.ts';
import { readHost } from '../model/request-host.ts';
import { type RequestTarget, readTarget } from '../model/request-target.ts';
import type { ReadRoute } from './read-route.ts';

/** A request as an edge compares it. */
export interface ReadPath {
  readonly request: EdgeRequest;
  readonly host: string;
  readonly path: string;
  /** With its `?`, or empty. */
  readonly query: string;
  /** The target with that path. */
  readonly target: string;
  /** The edge made another path of the one that was sent. */
  readonly changed: boolean;
}

/** A request whose path is not compared: the edge refuses it, or how it reads it is not known. */
interface Unread {
  readonly why: string;
  readonly refused: boolean;
}

/**
 * The path that the edge of some routes compares. Other edges than ours resolve dot segments and doubled slashes before
 * they choose a route. Where that is not worked out, the answer is why.
 */
export function asTheEdgeReads(routes: readonly ReadRoute[], request: EdgeRequest): ReadPath | Unread {
  const sent = readTarget(request.target);
  if (sent.ok) return pathOf(request, sent, request.target, false);
  if (routes.some(({ refusesOddPaths }) => refusesOddPaths)) return { why: sent.why, refused: true };
  const target = resolved(request.target);
  const read = readTarget(target);
  if (!read.ok) return { why: `${read.why} in the path: how this edge reads it is not known`, refused: false };
  return pathOf(request, read, target, true);
}

function pathOf(
  request: EdgeRequest,
  read: Extract<RequestTarget, { readonly ok: true }>,
  target: string,
  changed: boolean,
): ReadPath | Unread {
  const host = readHost(read.authority ?? request.host);
  if (host === null) return { why: 'a Host that is no host name', refused: true };
  return { request, host, path: read.path, query: read.query, target, changed };
}

/** Dot segments resolved and slashes merged, as nginx and Traefik do it; escaped dots and slashes of nginx are dots and slashes. */
function resolved(target: string): string {
  const mark = target.indexOf('?');
  const [path, query] = mark === -1 ? [target, ''] : [target.slice(0, mark), target.slice(mark)];
  const parts: string[] = [];
  for (const part of path.replaceAll(/%2e/gi, '.').split('/').slice(1)) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  const end = /\/\.{0,2}$/.test(path) && parts.length > 0 ? '/' : '';
  return `/${parts.join('/')}${end}${query}`;
}
