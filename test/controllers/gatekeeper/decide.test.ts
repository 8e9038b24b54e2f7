import { expect, test } from 'vitest';
import { readCredential } from '../../../controllers/gatekeeper/credential.ts';
import { decide, readTarget, type Scheme } from '../../../controllers/gatekeeper/decide.ts';
import type { Snapshot } from '../../../controllers/gatekeeper/snapshot.ts';
import { base64 } from './running.ts';

const current = 'current-0123456789abcdef';
const previous = 'previous-0123456789abcdef';
const now = 1_000;

function usable(value: string) {
  const credential = readCredential(Buffer.from(value));
  if (!credential.usable) throw new Error(credential.fault);
  return credential;
}

const snapshot: Snapshot = new Map([
  ['routing:api-key', { current: usable(current), previous: { credential: usable(previous), untilMs: now + 1 } }],
  ['routing:expired', { current: usable(current), previous: { credential: usable(previous), untilMs: now } }],
  ['routing:weak', { current: readCredential(Buffer.from('short')), previous: null }],
  [
    'routing:bare',
    { current: readCredential(Buffer.alloc(0)), previous: { credential: usable(previous), untilMs: now + 1 } },
  ],
  ['routing:newline', { current: usable(`${current}\n`), previous: null }],
]);

const ask = (scheme: Scheme, presented: readonly string[], key: string | null = 'routing:api-key') => {
  const { outcome, status } = decide({ scheme, key, presented }, snapshot, now);
  return `${status} ${outcome}`;
};

test.each([
  ['the base64 of the secret passes', [base64(current)], '200 accepted'],
  ['the base64 of the previous secret passes while it is accepted', [base64(previous)], '200 acceptedPrevious'],
  ['no header is refused', [], '403 missing'],
  ['an empty header is no header', [''], '403 missing'],
  ['the secret itself is not its base64', [current], '403 wrong'],
  ['letter case matters', [base64(current).toLowerCase()], '403 wrong'],
  ['base64 without its padding is wrong', [base64(`${current}x`).replace(/=+$/, '')], '403 wrong'],
  ['a longer text that begins right is wrong', [`${base64(current)}A`], '403 wrong'],
  ['two right headers are one too many', [base64(current), base64(current)], '400 malformed'],
  ['a right and a wrong header are one too many', [base64(current), 'x'], '400 malformed'],
  ['an empty second header is one too many', [base64(current), ''], '400 malformed'],
  ['two values joined by a comma are two', [`${base64(current)}, x`], '400 malformed'],
])('an API key: %s', (_, presented, expected) => {
  expect(ask('apiKey', presented)).toBe(expected);
});

test.each([
  ['the secret passes', [`Bearer ${current}`], '200 accepted'],
  ['the previous secret passes while it is accepted', [`Bearer ${previous}`], '200 acceptedPrevious'],
  ['the scheme is read in any letter case', [`bEARER ${current}`], '200 accepted'],
  ['several spaces after the scheme are one', [`Bearer   ${current}`], '200 accepted'],
  ['no header is answered by a challenge', [], '401 missing'],
  ['another scheme is no bearer token', [`Basic ${base64(current)}`], '401 missing'],
  ['a scheme that only begins like Bearer is another one', [`Bearerer ${current}`], '401 missing'],
  ['the base64 of the secret is not the secret', [`Bearer ${base64(current)}`], '401 wrong'],
  ['a scheme without a token is malformed', ['Bearer'], '400 malformed'],
  ['two tokens are malformed', [`Bearer ${current} ${current}`], '400 malformed'],
  ['characters that no token has are malformed', ['Bearer "x"'], '400 malformed'],
  ['two headers are one too many', [`Bearer ${current}`, `Bearer ${current}`], '400 malformed'],
  ['two headers joined by a comma are two', [`Bearer ${current}, Bearer ${current}`], '400 malformed'],
  ['another scheme joined to it by a comma is malformed', [`Basic eA==, Bearer ${current}`], '400 malformed'],
])('a bearer token: %s', (_, presented, expected) => {
  expect(ask('bearer', presented)).toBe(expected);
});

test.each<Scheme>(['apiKey', 'bearer'])(
  '%s: a secret that cannot be used is told before the header is read',
  (scheme) => {
    for (const key of ['routing:weak', 'routing:bare', 'routing:absent', 'other:api-key', null]) {
      for (const presented of [[], ['short'], [base64('')], [base64(previous)], [`Bearer ${previous}`], ['a', 'b']]) {
        expect(ask(scheme, presented, key), `${key} ${presented}`).toBe('503 unavailable');
      }
    }
  },
);

test('the previous secret ends at its time', () => {
  expect(ask('apiKey', [base64(previous)], 'routing:expired')).toBe('403 wrong');
  expect(ask('bearer', [`Bearer ${previous}`], 'routing:expired')).toBe('401 wrong');
});

test('a trailing newline is part of the secret: of the base64 too, and no bearer token can carry it', () => {
  expect(ask('apiKey', [base64(`${current}\n`)], 'routing:newline')).toBe('200 accepted');
  expect(ask('apiKey', [base64(current)], 'routing:newline')).toBe('403 wrong');
  expect(ask('bearer', [`Bearer ${current}`], 'routing:newline')).toBe('503 unavailable');
});

test('only an accepted check names its caller, by the name of the key', () => {
  const caller = (presented: string) =>
    decide({ scheme: 'apiKey', key: 'routing:api-key', presented: [presented] }, snapshot, now).caller;
  expect(caller(base64(current))).toBe('routing:api-key');
  expect(caller(base64(previous))).toBe('routing:api-key');
  expect(caller('wrong')).toBeNull();
});

test('a bearer challenge tells its error by RFC 6750, and an API key has no challenge', () => {
  const challenge = (scheme: Scheme, presented: readonly string[]) =>
    decide({ scheme, key: 'routing:api-key', presented }, snapshot, now).challenge;
  expect(challenge('bearer', [])).toBe('Bearer realm="edgeplane"');
  expect(challenge('bearer', ['Bearer x'])).toBe('Bearer realm="edgeplane", error="invalid_token"');
  expect(challenge('bearer', ['Bearer'])).toBe('Bearer realm="edgeplane", error="invalid_request"');
  expect(challenge('bearer', [`Bearer ${current}`])).toBeNull();
  expect(challenge('apiKey', ['x'])).toBeNull();
});

test.each([
  ['/auth/api-key?secret=routing&key=api-key', { scheme: 'apiKey', key: 'routing:api-key' }],
  ['/auth/bearer?key=token&secret=my.routing', { scheme: 'bearer', key: 'my.routing:token' }],
  ['/auth/api-key', { scheme: 'apiKey', key: null }],
  ['/auth/api-key?secret=routing', { scheme: 'apiKey', key: null }],
  ['/auth/api-key?key=api-key', { scheme: 'apiKey', key: null }],
  ['/auth/api-key?secret=routing&secret=other&key=api-key', { scheme: 'apiKey', key: null }],
  ['/auth/api-key?secret=..&key=api-key', { scheme: 'apiKey', key: null }],
  ['/auth/api-key?secret=routing%2Fx&key=api-key', { scheme: 'apiKey', key: null }],
  ['/auth/api-key?secret=routing:x&key=api-key', { scheme: 'apiKey', key: null }],
  ['/auth/api-key?secret=routing&key=', { scheme: 'apiKey', key: null }],
  ['/auth/api-key?secret=routing&key=api-key-previous', { scheme: 'apiKey', key: null }],
  ['/auth/api-key?secret=routing&key=api-key-previous-until', { scheme: 'apiKey', key: null }],
  ['/auth/api-key/', null],
  ['/auth/API-KEY?secret=routing&key=api-key', null],
  ['//auth/api-key?secret=routing&key=api-key', null],
  ['http://host/auth/api-key?secret=routing&key=api-key', null],
  ['/', null],
  ['', null],
])('the address %s asks for what it names, or for nothing', (url, target) => {
  expect(readTarget(url)).toEqual(target);
});
