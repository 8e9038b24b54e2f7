/** An answer to Traefik. Below 300 the request goes on with these headers; anything else is what the client gets. */
export interface Reply {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | Buffer;
  /** For the metrics. */
  readonly outcome: Outcome;
}

export const outcomes = [
  'redirected',
  'passed',
  'refused',
  'signIn',
  'unexpected',
  'silent',
  'busy',
  'malformed',
] as const;
export type Outcome = (typeof outcomes)[number];

/** An answer of our own words. */
export function said(outcome: Outcome, status: number, words: string, headers: readonly string[] = []): Reply {
  const plain = ['Content-Type', 'text/plain; charset=utf-8', 'Cache-Control', 'no-store'];
  return { status, headers: [...plain, ...headers], body: `${words}\n`, outcome };
}

/** The request a question is about, as the edge tells of it. */
export interface Original {
  readonly scheme: 'http' | 'https';
  /** As sent, with its port. */
  readonly host: string;
  /** Path and query, as sent. */
  readonly target: string;
}

/** Reads what the edge tells; null where it tells no request that could be. */
export function readOriginal(headers: NodeJS.Dict<string | string[]>): Original | null {
  const [proto, host, target] = ['proto', 'host', 'uri'].map((name) => headers[`x-forwarded-${name}`]);
  if (proto !== 'http' && proto !== 'https') return null;
  if (typeof host !== 'string' || !authority.test(host)) return null;
  if (typeof target !== 'string' || !target.startsWith('/')) return null;
  return { scheme: proto, host, target };
}

/** A name or an address, and a port: nothing that could end a URL's authority early. */
const authority = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
