import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameFor, nameOf, shortHash } from '../../../components/compile/names.ts';

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const part = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);

test('the border between parts is part of the name', () => {
  expect(nameOf(['a-b', 'c'])).not.toBe(nameOf(['a', 'b-c']));
  expect(nameOf(['a', 'b'])).not.toBe(nameOf(['a', 'b', '']));
});

test('every name is a DNS label of at most the length asked for, from any text', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 80 }), { maxLength: 4 }),
      fc.integer({ min: 20, max: 63 }),
      (parts, max) => {
        const name = nameOf(parts, max);
        expect(name).toMatch(label);
        expect(name.length).toBeLessThanOrEqual(max);
      },
    ),
  );
});

test('different parts have different names, however they are split and shortened', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.array(part, { minLength: 1, maxLength: 3 }), {
        minLength: 2,
        maxLength: 40,
        selector: (parts) => parts.join('\0'),
      }),
      (all) => {
        expect(new Set(all.map((parts) => nameOf(parts, 30))).size).toBe(all.length);
      },
    ),
  );
});

test('only the identity decides a name with a readable part of its own', () => {
  expect(nameFor('shown', ['a']).slice(-10)).toBe(nameFor('other', ['a']).slice(-10));
  expect(nameFor('shown', ['a'])).not.toBe(nameFor('shown', ['b']));
});

test('a hash is the RFC 4648 base32 of SHA-256, in lower case, shortened to ten characters', () => {
  // `printf abc | sha256sum | xxd -r -p | base32`
  expect(shortHash('abc')).toBe('xj4bnp4pah');
});
