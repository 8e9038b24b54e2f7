import fc from 'fast-check';
import { expect, test } from 'vitest';
import { block, type Directive, directive, printDirectives } from '../../../../controllers/router/nginx/directive.ts';
import { readConfiguration } from './reader.ts';

/** Every character a byte of the file can be, control characters aside. */
const byteText = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
});
const hostile = fc.constantFrom(
  '',
  ';',
  '{',
  '}',
  '"',
  "'",
  '\\',
  '\\"',
  '#',
  '$x',
  '${',
  ' ',
  'a;b',
  '~.*',
  '"}\\',
  'x\\',
);
const arg = fc.oneof(byteText, hostile);
const name = fc.stringMatching(/^[a-z_]{1,12}$/);
const tree = fc.letrec<{ one: Directive }>((tie) => ({
  one: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(name, fc.array(arg, { maxLength: 4 })).map(([word, args]) => directive(word, ...args)),
    fc
      .tuple(name, fc.array(arg, { maxLength: 3 }), fc.array(tie('one'), { maxLength: 3 }))
      .map(([word, args, inside]) => block(word, args, inside)),
  ),
})).one;

test('whatever an argument holds, it is read back as that one argument', () => {
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 5 }), (directives) => {
      expect(readConfiguration(printDirectives(directives))).toEqual(directives);
    }),
    { numRuns: 2_000 },
  );
});

test.each(['\n', '\t', '\0', '\u007f', '\u0100', 'K'.replace('K', '\u212a')])('%j is never printed', (character) => {
  expect(() => printDirectives([directive('set', `a${character}b`)])).toThrow(RangeError);
});

test('what means nothing to nginx stays unquoted', () => {
  expect(printDirectives([block('location', ['^~', '/a/'], [directive('set', '$ep_route', 'shop/web')])])).toBe(
    'location ^~ /a/ {\n  set $ep_route shop/web;\n}\n',
  );
});
