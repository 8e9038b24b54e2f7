import { expect, test } from 'vitest';
import { maxSecretBytes, readCredential } from '../../../controllers/gatekeeper/credential.ts';
import { composeSnapshot, type Deadlines, type KeyFile, standings } from '../../../controllers/gatekeeper/snapshot.ts';

const hour = 3_600_000;
const wallMs = Date.parse('2026-11-21T12:00:00Z');
const time = { wallMs, monotonicMs: 500 };
const none: Deadlines = new Map();

function file(name: string, text: string, changedMs = wallMs): KeyFile {
  const bytes = Buffer.from(text);
  const instant = name.endsWith('-previous-until') ? text : null;
  return { secret: 'routing', name, credential: readCredential(bytes), digest: text, text: instant, changedMs };
}

const current = file('api-key', 'current-0123456789abcdef');
const old = 'previous-0123456789abcdef';
const until = (files: readonly KeyFile[], known = none, at = time, windowMs = 24 * hour) =>
  composeSnapshot([current, ...files], known, at, windowMs).snapshot.get('routing:api-key')?.previous?.untilMs;

test('without a previous file nothing but the current secret is accepted', () => {
  expect(composeSnapshot([current], none, time, hour).snapshot.get('routing:api-key')?.previous).toBeNull();
});

test('a previous secret ends one window after its file was written', () => {
  expect(until([file('api-key-previous', old, wallMs - hour)])).toBe(500 + 23 * hour);
});

test('a file older than the window accepts nothing', () => {
  expect(until([file('api-key-previous', old, wallMs - 24 * hour)])).toBe(500);
});

test('a file from the future has the whole window and no more', () => {
  expect(until([file('api-key-previous', old, wallMs + hour)])).toBe(500 + 24 * hour);
});

test('a window of nothing accepts no previous secret', () => {
  expect(until([file('api-key-previous', old)], none, time, 0)).toBe(500);
});

test('writing the same previous secret again gives it no more time', () => {
  const first = composeSnapshot([current, file('api-key-previous', old)], none, time, hour);
  const later = { wallMs: wallMs + hour / 2, monotonicMs: 500 + hour / 2 };
  expect(until([file('api-key-previous', old, later.wallMs)], first.deadlines, later, hour)).toBe(500 + hour);
});

test('another previous secret has a window of its own', () => {
  const first = composeSnapshot([current, file('api-key-previous', old)], none, time, hour);
  const later = { wallMs: wallMs + hour, monotonicMs: 500 + hour };
  expect(until([file('api-key-previous', `${old}2`, later.wallMs)], first.deadlines, later, hour)).toBe(500 + 2 * hour);
});

test('a wall clock set back moves no deadline of a known previous secret', () => {
  const first = composeSnapshot([current, file('api-key-previous', old)], none, time, hour);
  const back = { wallMs: wallMs - 10 * hour, monotonicMs: 600 };
  expect(until([file('api-key-previous', old)], first.deadlines, back, hour)).toBe(500 + hour);
});

test('an instant beside it ends a previous secret earlier, never later', () => {
  const previous = file('api-key-previous', old);
  expect(until([previous, file('api-key-previous-until', '2026-11-21T13:00:00Z\n')])).toBe(500 + hour);
  expect(until([previous, file('api-key-previous-until', '2026-12-31T00:00:00Z')])).toBe(500 + 24 * hour);
});

test.each(['', 'tomorrow', '2026-11-21', '2026-13-45T00:00:00Z', '1795000000'])(
  'an instant that cannot be read (%j) accepts no previous secret',
  (text) => {
    expect(until([file('api-key-previous', old), file('api-key-previous-until', text)])).toBe(Number.NEGATIVE_INFINITY);
  },
);

test('a weak previous secret is not accepted', () => {
  expect(until([file('api-key-previous', 'short')])).toBeUndefined();
});

test('a previous secret without a current one is no key', () => {
  expect(composeSnapshot([file('api-key-previous', old)], none, time, hour).snapshot.size).toBe(0);
});

test.each([
  ['', 'empty'],
  ['x', 'weak'],
  [' '.repeat(64), 'weak'],
  [`\n${'x'.repeat(15)}  \t\r\n`, 'weak'],
  ['x'.repeat(maxSecretBytes + 1), 'tooLong'],
])('a secret that can be guessed or not be sent is refused: %j', (text, fault) => {
  expect(readCredential(Buffer.from(text))).toEqual({ usable: false, fault });
});

test('a secret of 16 bytes and one of the greatest length are taken', () => {
  expect(readCredential(Buffer.alloc(16, 1)).usable).toBe(true);
  expect(readCredential(Buffer.alloc(maxSecretBytes, 1)).usable).toBe(true);
});

test('a key stands as rotating until its previous secret ends', () => {
  const { snapshot } = composeSnapshot([current, file('api-key-previous', old), file('weak', 'x')], none, time, hour);
  expect(Object.fromEntries(standings(snapshot, 500 + hour - 1))).toEqual({
    'routing:api-key': 'rotating',
    'routing:weak': 'weak',
  });
  expect(standings(snapshot, 500 + hour).get('routing:api-key')).toBe('usable');
});
