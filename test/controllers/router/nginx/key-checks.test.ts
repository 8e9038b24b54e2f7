import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeKey } from '../../../../controllers/router/nginx/key-checks.ts';

const digest = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex');
const ring = (...keys: readonly string[]) => ({ kind: 'usable', digests: keys.map(digest) }) as const;

test('a key of the ring passes, current or previous', () => {
  expect(['now', 'before'].map((key) => judgeKey(ring('now', 'before'), key))).toEqual([204, 204]);
});

test('any other text is refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
      expect(judgeKey(ring('the key'), text)).toBe(text === 'the key' ? 204 : 403);
    }),
  );
});

test('nothing sent is refused, even when the key is nothing', () => {
  expect(judgeKey(ring(''), '')).toBe(403);
});

test.each([undefined, { kind: 'faulty', why: 'gone' }, { kind: 'usable', digests: [] }] as const)(
  'with %j nobody passes, and it is no fault of the caller',
  (state) => {
    expect(judgeKey(state, 'anything')).toBe(503);
  },
);

test('the digest of nothing stands for no key', () => {
  expect(judgeKey({ kind: 'usable', digests: ['', '00'.repeat(32), 'zz'] }, 'x')).toBe(403);
});
