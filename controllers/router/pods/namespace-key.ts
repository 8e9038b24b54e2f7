import { createHash } from 'node:crypto';
import type { KubeObject } from '../../loop/source.ts';

/** What is kept of a namespace's key: never the key, only digests of what callers send. */
export type KeyFacts = (
  | {
      readonly kind: 'usable';
      /** SHA-256, in hexadecimal, of the base64 of the key: what a caller's header is compared with. */
      readonly sha256: string;
      /** The same of the key before, until the time it ends, milliseconds since 1970; null when there is none. */
      readonly previous: { readonly sha256: string; readonly untilMs: number } | null;
      /** Few enough bytes to be guessed. It protects more than nothing, so it stands. */
      readonly weak: boolean;
    }
  /** Nobody passes: the Secret is there, so somebody wants the routes protected. */
  | { readonly kind: 'broken'; readonly why: string }
) & { readonly uid: string };

const fewestBytes = 16;
/** The longest key: its base64 must fit a request head of 8 KiB. */
const mostBytes = 4096;

/**
 * Reads the key out of a Secret. Beside `<key>`, callers may show `<key>-previous` until the instant (RFC 3339) that
 * `<key>-previous-until` names: without one, nothing would end the rotation.
 */
export function readKey(object: KubeObject, key: string): KeyFacts {
  const uid = object.metadata.uid ?? '';
  const data = (object as { readonly data?: Readonly<Record<string, string>> }).data ?? {};
  const current = fieldOf(data, key);
  const fault = faultOf(current);
  if (current === null || fault !== null) return { kind: 'broken', why: `field ${key}: found ${fault}`, uid };
  return {
    kind: 'usable',
    sha256: digest(current),
    previous: previousOf(data, key),
    weak: current.length < fewestBytes,
    uid,
  };
}

function fieldOf(data: Readonly<Record<string, string>>, key: string): Buffer | null {
  return Object.hasOwn(data, key) ? Buffer.from(data[key] ?? '', 'base64') : null;
}

function faultOf(bytes: Buffer | null): string | null {
  if (bytes === null) return 'no such field';
  if (bytes.length > mostBytes) return `${bytes.length} bytes, more than ${mostBytes}`;
  return /^[ \t-\r]*$/.test(bytes.toString('latin1')) ? 'an empty one' : null;
}

function previousOf(data: Readonly<Record<string, string>>, key: string) {
  const bytes = fieldOf(data, `${key}-previous`);
  const until = fieldOf(data, `${key}-previous-until`)?.toString('latin1').trim() ?? '';
  const untilMs = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$/.test(until) ? Date.parse(until) : Number.NaN;
  if (bytes === null || faultOf(bytes) !== null || Number.isNaN(untilMs)) return null;
  return { sha256: digest(bytes), untilMs };
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes.toString('base64')).digest('hex');
}
