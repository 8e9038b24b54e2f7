import type { Credential, CredentialState, Fault } from './credential.ts';

/** What the mounted Secrets say at one moment. Replaced whole, never changed. */
export type Snapshot = ReadonlyMap<string, KeyState>;

/** One key of one Secret. */
export interface KeyState {
  readonly current: CredentialState;
  /** The key before the last rotation, while it is still accepted; null when there is none. */
  readonly previous: { readonly credential: Credential; readonly untilMs: number } | null;
}

/** A key as callers and operators know it: `routing:api-key`. */
export const keyName = (secret: string, key: string): string => `${secret}:${key}`;

/** One file of a mounted Secret, as it was read. */
export interface KeyFile {
  readonly secret: string;
  /** The file's name: the key. */
  readonly name: string;
  readonly credential: CredentialState;
  /** Digest of the bytes: tells a rewrite of the same value from a new one. */
  readonly digest: string;
  /** The first 64 characters where the name ends in `-previous-until`, else null. */
  readonly text: string | null;
  /** Last change of the file by the wall clock, milliseconds since 1970. */
  readonly changedMs: number;
}

/** The clocks of one scan. */
export interface ScanTime {
  /** Wall clock, milliseconds since 1970: what file times and `-previous-until` are in. */
  readonly wallMs: number;
  /** Monotonic clock, milliseconds: what deadlines are kept in, so that a clock change moves none. */
  readonly monotonicMs: number;
}

/** End of acceptance of each previous secret seen, by `name` and digest; monotonic milliseconds. */
export type Deadlines = ReadonlyMap<string, number>;

const previousSuffix = '-previous';
const untilSuffix = '-previous-until';

/** Whether a file holds an instant, not a secret. */
export const holdsInstant = (name: string): boolean => name.endsWith(untilSuffix);

/** Whether a file holds a previous secret: nobody may ask for it by name. */
export const holdsPrevious = (name: string): boolean => name.endsWith(previousSuffix);

/**
 * Puts the files of a scan together. A previous secret ends `windowMs` after its file was written or at its
 * `-previous-until`, whichever is earlier; a rewrite of the same bytes gives it no more time.
 */
export function composeSnapshot(
  files: readonly KeyFile[],
  known: Deadlines,
  time: ScanTime,
  windowMs: number,
): { readonly snapshot: Snapshot; readonly deadlines: Deadlines } {
  const byName = new Map(files.map((file) => [keyName(file.secret, file.name), file]));
  const snapshot = new Map<string, KeyState>();
  const deadlines = new Map<string, number>();
  for (const file of files) {
    if (holdsInstant(file.name) || holdsPrevious(file.name)) continue;
    const name = keyName(file.secret, file.name);
    const old = byName.get(name + previousSuffix);
    if (old === undefined || !old.credential.usable) {
      snapshot.set(name, { current: file.credential, previous: null });
      continue;
    }
    const identity = `${name} ${old.digest}`;
    const ageMs = Math.max(0, time.wallMs - old.changedMs);
    const windowEnd = Math.min(known.get(identity) ?? Number.POSITIVE_INFINITY, time.monotonicMs + windowMs - ageMs);
    deadlines.set(identity, windowEnd);
    const untilMs = Math.min(windowEnd, instantEnd(byName.get(name + untilSuffix), time));
    snapshot.set(name, { current: file.credential, previous: { credential: old.credential, untilMs } });
  }
  return { snapshot, deadlines };
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** The instant in monotonic milliseconds; the past when it cannot be read, so that a typing error accepts nothing. */
function instantEnd(file: KeyFile | undefined, time: ScanTime): number {
  if (file === undefined) return Number.POSITIVE_INFINITY;
  const text = file.text?.trim() ?? '';
  const instant = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instant) ? Number.NEGATIVE_INFINITY : time.monotonicMs + instant - time.wallMs;
}

/** How a key stands, in one word. */
export type KeyStanding = 'usable' | 'rotating' | Fault;

/** How each key stands at a moment of the monotonic clock, by its name. */
export function standings(snapshot: Snapshot, nowMs: number): ReadonlyMap<string, KeyStanding> {
  return new Map(
    [...snapshot].map(([name, { current, previous }]) => {
      if (!current.usable) return [name, current.fault];
      return [name, previous !== null && nowMs < previous.untilMs ? 'rotating' : 'usable'];
    }),
  );
}
