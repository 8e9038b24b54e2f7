/** A text in its one canonical form, or what it should have been. */
export type Leaf = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly expected: string };

const hostLabel = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const hostPattern = new RegExp(`^${hostLabel}(?:\\.${hostLabel})*$`);
const ipv4Octet = '(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])';
const ipv4Pattern = new RegExp(`^${ipv4Octet}(?:\\.${ipv4Octet}){3}$`);
const expectedHost = 'a host name (RFC 1123) or an IPv4 address, without port, wildcard and trailing dot';

/**
 * A host as pods may claim it, in lower case: exact names and IPv4 addresses. Digits and dots alone are an address or
 * nothing, because `999.999.999.999` is a name that no resolver gives out.
 */
export function readRoutingHost(text: string): Leaf {
  const name = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const isName = name.length <= 253 && hostPattern.test(name) && (!/^[0-9.]+$/.test(name) || ipv4Pattern.test(name));
  return isName ? { ok: true, value: name } : { ok: false, expected: expectedHost };
}

const segmentPattern = /^(?:[A-Za-z0-9._~:@!&()*+,=-]|%[0-9A-Fa-f]{2})+$/;
const expectedPath =
  'a path that starts with /, its segments of letters, digits, ._~:@!&()*+,=- and escapes as %20, none empty, "." or ".."';
const expectedEscape =
  'a path without the escapes that no request may have (%2F, %5C, %3B, %25, %3F, %23, control characters)';

/** The longest path; one that is longer could not be sent in a request line of 8 KiB with room for anything else. */
const longestPath = 1024;

/**
 * A path prefix in the one form that is compared: escapes of unreserved characters decoded, others in upper case, no
 * trailing slash but in `/` itself (RFC 3986, 6.2.2; sentences T3 to T7 and P2 of the routing contract).
 */
export function readRoutingPath(text: string): Leaf {
  if (!text.startsWith('/') || text.length > longestPath) return { ok: false, expected: expectedPath };
  const inner = text.endsWith('/') ? text.slice(1, -1) : text.slice(1);
  if (inner === '') return text === '//' ? { ok: false, expected: expectedPath } : { ok: true, value: '/' };
  const path = `/${inner}`;
  const segments = inner.split('/');
  if (!segments.every((segment) => segmentPattern.test(segment))) return { ok: false, expected: expectedPath };
  if (hasRefusedEscape(path)) return { ok: false, expected: expectedEscape };
  const value = canonicalEscapes(path);
  const dotted = value.split('/').some((segment) => segment === '.' || segment === '..');
  return dotted ? { ok: false, expected: expectedPath } : { ok: true, value };
}

function hasRefusedEscape(path: string): boolean {
  return /%(?:[01][0-9a-f]|7f|2f|5c|3b|25|3f|23)/i.test(path);
}

function canonicalEscapes(path: string): string {
  return path.replace(/%([0-9A-Fa-f]{2})/g, (found, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /^[A-Za-z0-9._~-]$/.test(character) ? character : found.toUpperCase();
  });
}

/** A port in decimal, 1 to 65535, without sign and leading zeros: `+80` and `0080` would be other texts for the same port. */
export function readRoutingPort(text: string): number | null {
  const port = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}
