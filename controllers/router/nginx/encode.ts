import { hash } from 'node:crypto';
import { isIP } from 'node:net';
import type { Target } from '../routing-table.ts';

/** The variable that holds a dollar sign: nginx has no other way to write one where variables are read. */
export const dollar = 'ep_dollar';

/** Text for an argument in which nginx reads variables: none is read out of it. */
export function literal(text: string): string {
  return text.replaceAll('$', `\${${dollar}}`);
}

/** Text for a regular expression that matches exactly it. */
export function regexLiteral(text: string): string {
  return text.replace(/[^A-Za-z0-9_/-]/g, (character) => {
    const code = character.charCodeAt(0);
    return code > 0x20 && code < 0x7f ? `\\${character}` : `\\x${code.toString(16).padStart(2, '0')}`;
  });
}

/** A time for nginx. */
export function milliseconds(ms: number): string {
  return `${Math.round(ms)}ms`;
}

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export function authorityOf({ address, port }: Target): string {
  return isIP(address) === 6 ? `[${canonicalAddress(address)}]:${port}` : `${address}:${port}`;
}

/** One text for one address: nginx does not read every form of IPv6 that there is (`1:2:3:4:5:6:7::`). */
function canonicalAddress(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
}

/** Address ranges as nginx reads them, each once, sorted. */
export function canonicalRanges(ranges: readonly string[]): readonly string[] {
  const canonical = ranges.map((range) => {
    const [address = '', length = ''] = range.split('/');
    return `${canonicalAddress(address)}/${Number(length)}`;
  });
  return [...new Set(canonical)].toSorted();
}

/** The variable in which nginx keeps a header of the request or, with `upstream_http`, of an answer. */
export function headerVariable(prefix: 'http' | 'upstream_http', name: string): string {
  return `$${prefix}_${variableName(name)}`;
}

/** A header's name as part of a variable's. Two names that differ in case alone have one. */
export function variableName(header: string): string {
  return header.toLowerCase().replaceAll('-', '_');
}

/** The bytes that escapes stand for, one character each: what nginx compares with the decoded path. */
export function decodedPath(path: string): string {
  return path.replace(/%([0-9A-F]{2})/g, (_found, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

const unreserved = /^[A-Za-z0-9._~-]$/;

/** Whether nginx, which decodes every escape, takes for this path only what the contract takes for it. */
export function isUnreserved(path: string): boolean {
  return /^[A-Za-z0-9._~/-]*$/.test(path);
}

/**
 * A regular expression for this path as it stands in a request line: an unreserved character may be escaped, every other
 * character and escape is itself.
 */
export function rawPathPattern(path: string): string {
  return [...path.matchAll(/%[0-9A-F]{2}|./gs)].map(([part]) => rawPart(part)).join('');
}

function rawPart(part: string): string {
  if (part === '/') return part;
  if (part.length === 3) return `(?i:${part})`;
  if (!unreserved.test(part)) return regexLiteral(part);
  const hex = part.charCodeAt(0).toString(16);
  return `(?:${regexLiteral(part)}|(?i:%${hex}))`;
}

/** The smallest power of two that is at least `least` and `size`. */
export function powerOfTwo(size: number, least: number): number {
  return Math.max(least, 2 ** Math.ceil(Math.log2(Math.max(1, size))));
}

/** Enough of a digest that no two things get one name, by accident or design. */
export function fingerprint(parts: readonly string[], length = 20): string {
  return hash('sha256', parts.join('\n'), 'hex').slice(0, length);
}
