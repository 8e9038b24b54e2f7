import { hash as digest } from 'node:crypto';

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const hashLength = 10;

/**
 * A DNS label from parts, at most `max` characters. The readable part is only for people: the hash over all parts,
 * each ended by NUL, makes `['a-b', 'c']` and `['a', 'b-c']` differ (50 bits; parts hold no NUL).
 */
export function nameOf(parts: readonly string[], max = 63): string {
  return nameFor(parts.join('-'), parts, max);
}

/** As `nameOf`, with a readable part of its own: only `identity` makes the name unique. */
export function nameFor(readable: string, identity: readonly string[], max = 63): string {
  const hash = shortHash(identity.map((part) => `${part}\0`).join(''));
  const label = readable
    .toLowerCase()
    .replaceAll('*', 'any')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, max - hashLength - 1)
    .replace(/-+$/, '');
  return label === '' ? `x-${hash}` : `${label}-${hash}`;
}

/** Ten characters of RFC 4648 base32 in lower case, from SHA-256. */
export function shortHash(text: string): string {
  const bytes = digest('sha256', text, 'buffer');
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
