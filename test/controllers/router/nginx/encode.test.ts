import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  authorityOf,
  decodedPath,
  dollar,
  literal,
  powerOfTwo,
  rawPathPattern,
  regexLiteral,
} from '../../../../controllers/router/nginx/encode.ts';

const byteText = fc.string({ unit: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)) });
const canonicalSegment = fc
  .array(fc.constantFrom(...'abzAZ019._~-:@!&()*+,=', '%20', '%C3%A9', '%22'), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''))
  .filter((segment) => !/^\.+$/.test(segment));
const canonicalPath = fc
  .array(canonicalSegment, { minLength: 1, maxLength: 4 })
  .map((segments) => `/${segments.join('/')}`);

describe('regexLiteral', () => {
  test('matches the text it was made of', () => {
    fc.assert(
      fc.property(byteText, (text) => {
        expect(new RegExp(`^${regexLiteral(text)}$`, 's').test(text)).toBe(true);
      }),
    );
  });

  test('matches nothing else', () => {
    fc.assert(
      fc.property(byteText, byteText, (text, other) => {
        expect(new RegExp(`^${regexLiteral(text)}$`, 's').test(other)).toBe(text === other);
      }),
    );
  });
});

/** PCRE has inline flags for a part; in this engine a part in either case is written out. */
const forJs = (pattern: string) =>
  new RegExp(
    `^${pattern.replace(/\(\?i:(%[^)]*)\)/g, (_found, hex: string) => `(?:${hex.toLowerCase()}|${hex.toUpperCase()})`)}$`,
  );

describe('rawPathPattern', () => {
  test('takes a path as it is, and with its unreserved characters escaped', () => {
    const escaped = (path: string) =>
      path.replace(/%[0-9A-F]{2}|[A-Za-z0-9._~-]/g, (part) =>
        part.length === 3 ? part : `%${part.charCodeAt(0).toString(16)}`,
      );
    fc.assert(
      fc.property(canonicalPath, (path) => {
        const pattern = forJs(rawPathPattern(path));
        expect(pattern.test(path)).toBe(true);
        expect(pattern.test(escaped(path))).toBe(true);
      }),
    );
  });

  test('takes no other path', () => {
    fc.assert(
      fc.property(canonicalPath, canonicalPath, (path, other) => {
        expect(forJs(rawPathPattern(path)).test(other)).toBe(path === other);
      }),
    );
  });

  test('does not take the escape of a reserved character for the character', () => {
    expect(forJs(rawPathPattern('/@a')).test('/%40a')).toBe(false);
    expect(forJs(rawPathPattern('/a%22')).test('/a"')).toBe(false);
  });
});

test('no variable can be read out of a literal', () => {
  fc.assert(
    fc.property(byteText, (text) => {
      expect(literal(text).replaceAll(`\${${dollar}}`, '')).not.toContain('$');
    }),
  );
  expect(literal('$x')).toBe(`\${${dollar}}x`);
});

test('a decoded path has one character for each byte', () => {
  expect(decodedPath('/a%20b/%C3%A9')).toBe('/a b/\u00c3\u00a9');
});

test('an address of six groups is bracketed before its port', () => {
  expect(
    [
      { address: '10.0.0.1', port: 80 },
      { address: 'fd00::1', port: 443 },
    ].map(authorityOf),
  ).toEqual(['10.0.0.1:80', '[fd00::1]:443']);
});

test.each([
  [0, 64, 64],
  [65, 64, 128],
  [128, 64, 128],
  [257, 64, 512],
])('the power of two for %i, at least %i, is %i', (size, least, power) => {
  expect(powerOfTwo(size, least)).toBe(power);
});
