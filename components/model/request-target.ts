/** A request target that the edge lets in, or why it is refused with 400. */
export type RequestTarget =
  | {
      readonly ok: true;
      /** From the absolute form, which stands over the Host field (RFC 9112, 3.2.2). */
      readonly authority: string | null;
      /** As sent, without the query. */
      readonly rawPath: string;
      /** Escapes of unreserved characters decoded (RFC 3986, 6.2.2.2), everything else as sent. */
      readonly path: string;
      /** With its `?`, or empty. */
      readonly query: string;
      readonly encodedSlash: boolean;
    }
  | { readonly ok: false; readonly why: string };

/** Escapes that no route lets in. The six are those of the encoded-character options of Traefik, without the slash. */
const refusedEscapes: ReadonlyMap<number, string> = new Map([
  [0x00, 'an encoded NUL (%00)'],
  [0x23, 'an encoded # (%23)'],
  [0x25, 'an encoded percent sign (%25)'],
  [0x3b, 'an encoded ; (%3B)'],
  [0x3f, 'an encoded ? (%3F)'],
  [0x5c, 'an encoded backslash (%5C)'],
]);

/** Reads the raw request target of a request line. Total: every string gets an answer. */
export function readTarget(target: string): RequestTarget {
  if (!/^[!-~]+$/.test(target)) return refuse('a character outside visible ASCII');
  if (target.includes('#')) return refuse('a fragment (#)');
  const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(target);
  const origin = absolute === null ? target : originForm(absolute[2] ?? '');
  if (!origin.startsWith('/')) return refuse('a target that is no absolute path');
  const mark = origin.indexOf('?');
  const rawPath = mark === -1 ? origin : origin.slice(0, mark);
  const refusal = refusedIn(rawPath);
  if (refusal !== null) return refuse(refusal);
  return {
    ok: true,
    authority: absolute?.[1] ?? null,
    rawPath,
    path: decodeUnreserved(rawPath),
    query: mark === -1 ? '' : origin.slice(mark),
    encodedSlash: /%2f/i.test(rawPath),
  };
}

function refuse(why: string): RequestTarget {
  return { ok: false, why };
}

function originForm(rest: string): string {
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function refusedIn(rawPath: string): string | null {
  if (rawPath.includes('\\')) return 'a backslash';
  if (rawPath.includes('//')) return 'an empty segment (//)';
  return refusedEscape(rawPath) ?? (hasDotSegment(decodeUnreserved(rawPath)) ? 'a dot segment' : null);
}

function refusedEscape(rawPath: string): string | null {
  for (const [found, hex] of rawPath.matchAll(/%([0-9a-fA-F]{2})?/g)) {
    if (hex === undefined) return `a broken escape (${found})`;
    const byte = Number.parseInt(hex, 16);
    const named = refusedEscapes.get(byte);
    if (named !== undefined) return named;
    if (byte < 0x20 || byte === 0x7f) return `an encoded control character (${found})`;
  }
  return null;
}

/** An encoded slash separates here, and `;x` is no part of a segment: what an app may take for a dot segment is one. */
function hasDotSegment(path: string): boolean {
  return path.split(/\/|%2f/i).some((segment) => /^\.{1,2}(?:;|$)/.test(segment));
}

function decodeUnreserved(path: string): string {
  return path.replace(/%([0-9a-fA-F]{2})/g, (found, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /^[A-Za-z0-9._~-]$/.test(character) ? character : found;
  });
}
