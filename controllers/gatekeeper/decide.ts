import { timingSafeEqual } from 'node:crypto';
import { bearerToken, digest } from './credential.ts';
import { holdsInstant, holdsPrevious, type KeyState, keyName, type Snapshot } from './snapshot.ts';

/** How a caller proves itself: header `X-ROUTING-API-KEY`, or `Authorization: Bearer`. */
export type Scheme = 'apiKey' | 'bearer';

/** What a check may look at. */
export interface CheckRequest {
  readonly scheme: Scheme;
  /** The key asked for; null when the address names none that can exist. */
  readonly key: string | null;
  /** Every value of the scheme's header, as sent. */
  readonly presented: readonly string[];
}

/** Why a check ended as it did. */
export type Outcome = 'accepted' | 'acceptedPrevious' | 'missing' | 'wrong' | 'malformed' | 'unavailable';

export interface Verdict {
  readonly outcome: Outcome;
  readonly status: 200 | 400 | 401 | 403 | 503;
  /** Value of `X-Edgeplane-Caller`; null unless the status is 200. */
  readonly caller: string | null;
  /** Value of `WWW-Authenticate` (RFC 6750, section 3); null when the scheme has none. */
  readonly challenge: string | null;
}

const realm = 'Bearer realm="edgeplane"';

/** Compared with when there is nothing to compare with, so that it takes as long. No text is known to have it. */
const nothing = Buffer.alloc(32);

/**
 * Decides one check. A secret that is missing, weak or cannot be sent is told before the header is looked at.
 * @param nowMs monotonic milliseconds, as the deadlines in the snapshot.
 */
export function decide(request: CheckRequest, snapshot: Snapshot, nowMs: number): Verdict {
  const state = request.key === null ? undefined : snapshot.get(request.key);
  const presented = readPresented(request.scheme, request.presented);
  const match = compare(presented.kind === 'text' ? presented.text : '', expected(request.scheme, state, nowMs));
  if (request.key === null || match === 'unavailable') return verdict('unavailable', request.scheme, null);
  if (presented.kind !== 'text') return verdict(presented.kind, request.scheme, null);
  return verdict(match, request.scheme, request.key);
}

type Presented = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'missing' | 'malformed' };

function readPresented(scheme: Scheme, values: readonly string[]): Presented {
  const [value = '', ...others] = values;
  if (others.length > 0) return { kind: 'malformed' };
  if (value === '') return { kind: 'missing' };
  switch (scheme) {
    case 'apiKey':
      return value.includes(',') ? { kind: 'malformed' } : { kind: 'text', text: value };
    case 'bearer': {
      const [, rest] = /^bearer(?: +(.*)|$)/is.exec(value) ?? [value, null];
      if (rest === null) return value.includes(',') ? { kind: 'malformed' } : { kind: 'missing' };
      return bearerToken.test(rest ?? '') ? { kind: 'text', text: rest ?? '' } : { kind: 'malformed' };
    }
    default:
      return scheme satisfies never;
  }
}

interface Expected {
  readonly current: Buffer | null;
  readonly previous: Buffer | null;
}

function expected(scheme: Scheme, state: KeyState | undefined, nowMs: number): Expected {
  if (state === undefined || !state.current.usable) return { current: null, previous: null };
  const live = state.previous !== null && nowMs < state.previous.untilMs ? state.previous.credential[scheme] : null;
  return { current: state.current[scheme], previous: live };
}

/** Two comparisons of equal length, always both: the time tells neither which key matched nor whether there is one. */
function compare(
  text: string,
  { current, previous }: Expected,
): 'accepted' | 'acceptedPrevious' | 'wrong' | 'unavailable' {
  const sent = digest(text);
  const isCurrent = timingSafeEqual(sent, current ?? nothing);
  const isPrevious = timingSafeEqual(sent, previous ?? nothing);
  if (current === null) return 'unavailable';
  if (isCurrent) return 'accepted';
  return isPrevious && previous !== null ? 'acceptedPrevious' : 'wrong';
}

function verdict(outcome: Outcome, scheme: Scheme, key: string | null): Verdict {
  switch (outcome) {
    case 'accepted':
    case 'acceptedPrevious':
      return { outcome, status: 200, caller: key, challenge: null };
    case 'missing':
      return refuse(outcome, scheme === 'bearer' ? 401 : 403, scheme, realm);
    case 'wrong':
      return refuse(outcome, scheme === 'bearer' ? 401 : 403, scheme, `${realm}, error="invalid_token"`);
    case 'malformed':
      return refuse(outcome, 400, scheme, `${realm}, error="invalid_request"`);
    case 'unavailable':
      return { outcome, status: 503, caller: null, challenge: null };
    default:
      return outcome satisfies never;
  }
}

function refuse(outcome: Outcome, status: 400 | 401 | 403, scheme: Scheme, challenge: string): Verdict {
  return { outcome, status, caller: null, challenge: scheme === 'bearer' ? challenge : null };
}

const secretGrammar = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/;
const keyGrammar = /^[-._a-zA-Z0-9]{1,253}$/;

/**
 * The scheme and key that an address asks for, `/auth/api-key?secret=routing&key=api-key`.
 * @returns null when there is no such path.
 */
export function readTarget(url: string): Omit<CheckRequest, 'presented'> | null {
  const mark = url.indexOf('?');
  const scheme = schemeOf(mark === -1 ? url : url.slice(0, mark));
  if (scheme === null) return null;
  return { scheme, key: mark === -1 ? null : readKey(new URLSearchParams(url.slice(mark + 1))) };
}

function schemeOf(path: string): Scheme | null {
  if (path === '/auth/api-key') return 'apiKey';
  return path === '/auth/bearer' ? 'bearer' : null;
}

function readKey(query: URLSearchParams): string | null {
  const [secret, ...otherSecrets] = query.getAll('secret');
  const [key, ...otherKeys] = query.getAll('key');
  if (secret === undefined || key === undefined || otherSecrets.length + otherKeys.length > 0) return null;
  if (!secretGrammar.test(secret) || !keyGrammar.test(key)) return null;
  return holdsInstant(key) || holdsPrevious(key) ? null : keyName(secret, key);
}
