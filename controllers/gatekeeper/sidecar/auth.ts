import type { AuthQuestion } from '../../../components/dialects/edge-sidecar.ts';
import { type Original, type Reply, said } from './reply.ts';

/** What came of asking an auth service. */
export type Asked =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Names and values in turn. */
      readonly headers: readonly string[];
      /** null: more than is passed on. */
      readonly body: Buffer | null;
    }
  | { readonly kind: 'silent'; readonly why: 'late' | 'unreachable' | 'broken' }
  /** It was not asked: too many others wait for it. */
  | { readonly kind: 'busy' };

/**
 * What the edge does with the answer of an auth service, by the contract: 2xx passes with the named headers and no
 * other, 401 and 403 come back as they are, a 401 becomes a redirect where the route names a sign-in, and everything
 * else is a 500: a redirect, another refusal, silence. One that too many wait for is not asked, and that is a 503.
 */
export function authReply(question: AuthQuestion, asked: Asked, original: Original): Reply {
  if (asked.kind === 'silent') return said('silent', 500, 'the auth service gave no answer');
  if (asked.kind === 'busy')
    return said('busy', 503, 'too many requests wait for the auth service', ['Retry-After', '1']);
  const { status, headers, body } = asked;
  if (status >= 200 && status < 300)
    return { status: 200, headers: named(headers, question.responseHeaders), body: '', outcome: 'passed' };
  if (status === 401 && question.signIn !== null)
    return said('signIn', 302, 'sign in', ['Location', signInUrl(question.signIn, original)]);
  if ((status === 401 || status === 403) && body !== null)
    return { status, headers: endToEnd(headers), body, outcome: 'refused' };
  return said('unexpected', 500, 'the auth service gave an unexpected answer');
}

/** The address of the sign-in with the way back in `rd`, as oauth2-proxy and ingress-nginx have it, unless it has one. */
function signInUrl(signIn: string, { scheme, host, target }: Original): string {
  const url = new URL(signIn);
  if (!url.searchParams.has('rd')) url.searchParams.set('rd', `${scheme}://${host}${target}`);
  return url.href;
}

function named(headers: readonly string[], names: readonly string[]): readonly string[] {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return pairs(headers).flatMap(([name, value]) => (wanted.has(name.toLowerCase()) ? [name, value] : []));
}

/** Headers about the connection to the auth service, and the length of a body that is framed anew. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Without what is about one connection alone, `Connection`'s own list included. */
export function endToEnd(headers: readonly string[]): readonly string[] {
  const listed = pairs(headers)
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) => value.split(',').map((name) => name.trim().toLowerCase()));
  const dropped = new Set([...hopByHop, ...listed]);
  return pairs(headers).flatMap(([name, value]) => (dropped.has(name.toLowerCase()) ? [] : [name, value]));
}

function pairs(headers: readonly string[]): readonly (readonly [string, string])[] {
  return headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1] ?? ''] as const] : []));
}
