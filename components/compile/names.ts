import { createHash } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const hashLength = 10;

/**
 * A DNS label from parts, at most `max` characters. The readable part is only for people: the hash over all parts,
 * each ended by NUL, makes `['a-b', 'c']` and `['a', 'b-c']` differ (50 bits; parts hold no NUL).
 */
export function nameOf(parts: readonly string[], max = 63): string {
  const hash = shortHash(parts.map((part) => `${part}\0`).join(''));
  const readable = parts
    .join('-')
    .toLowerCase()
    .replaceAll('*', 'any')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, max - hashLength - 1)
    .replace(/^-+|-+$/g, '');
  return readable === '' ? `x-${hash}` : `${readable}-${hash}`;
}

/** Ten characters of RFC 4648 base32 in lower case, from SHA-256. */
export function shortHash(text: string): string {
  const bytes = createHash('sha256').update(text).digest();
  let hash = '';
  let bits = 0;
  let held = 0;
  for (let index = 0; hash.length < hashLength; index += 1) {
    held = (held << 8) | (bytes[index] ?? 0);
    bits += 8;
    while (bits >= 5 && hash.length < hashLength) {
      bits -= 5;
      hash += alphabet[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return hash;
}
