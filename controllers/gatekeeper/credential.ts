import { createHash } from 'node:crypto';

/** Fewest bytes a secret must have after white space is trimmed; fewer can be guessed. */
const minSecretBytes = 16;

/** Most bytes a secret may have: its base64 must fit a request head of 8 KiB. */
export const maxSecretBytes = 4096;

/** What is kept of a secret: digests of the text a caller sends, never the secret. */
export interface Credential {
  readonly usable: true;
  /** SHA-256 of the base64 of the secret. */
  readonly apiKey: Buffer;
  /** SHA-256 of the secret itself; null when no `Authorization: Bearer` could carry it. */
  readonly bearer: Buffer | null;
}

/** Why nobody passes with a secret. */
export type Fault = 'missing' | 'unreadable' | 'empty' | 'weak' | 'tooLong';

export type CredentialState = Credential | { readonly usable: false; readonly fault: Fault };

/** `b64token` of RFC 6750, section 2.1: what may follow `Bearer`. */
export const bearerToken = /^[A-Za-z0-9._~+/-]+=*$/;

/** The digest that presented and expected texts are compared by: equal length, whatever was sent. */
export function digest(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Reads a secret's bytes as they are; a trailing newline is part of it. */
export function readCredential(bytes: Buffer): CredentialState {
  if (bytes.length === 0) return { usable: false, fault: 'empty' };
  if (bytes.length > maxSecretBytes) return { usable: false, fault: 'tooLong' };
  if (trimmedLength(bytes) < minSecretBytes) return { usable: false, fault: 'weak' };
  const sendable = bearerToken.test(bytes.toString('latin1'));
  return { usable: true, apiKey: digest(bytes.toString('base64')), bearer: sendable ? digest(bytes) : null };
}

function trimmedLength(bytes: Buffer): number {
  const isSpace = (byte: number | undefined) => byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
  let [start, end] = [0, bytes.length];
  while (start < end && isSpace(bytes[start])) start += 1;
  while (end > start && isSpace(bytes[end - 1])) end -= 1;
  return end - start;
}
