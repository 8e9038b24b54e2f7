import { expect, test } from 'vitest';
import { mayMatch } from '../../../components/readers/redirect-expression.ts';

test.each([
  ['https://(.*)/.well-known/(?:card|cal)dav', 'https://a.test/.well-known/carddav', true],
  ['https://(.*)/.well-known/(?:card|cal)dav', 'https://a.test/other', false],
  ['^https://www\\.(.*)', 'https://www.a.test/', true],
  ['^https://www\\.(.*)', 'https://a.test/', false],
  ['^https?://old\\.test/(.*)', 'http://old.test/x', true],
  ['^https?://old\\.test/(.*)', 'http://new.test/x', false],
  ['a|b', 'https://c.test/', true],
  ['(?i)WWW', 'https://c.test/', true],
  ['.*', 'https://c.test/', true],
  ['x{2,3}y+', 'https://c.test/', true],
  ['[abc]\\d\\.html$', 'https://c.test/a1.html', true],
  ['[abc]\\d\\.html$', 'https://c.test/a1.txt', false],
])('%s may match %s: %s', (expression, url, may) => {
  expect(mayMatch(expression, url)).toBe(may);
});

test('whatever an expression matches it may match', () => {
  const expressions = ['^(https?)://([^/]+)/a(b?)c', '/x(y|z)*/', 'q=(\\d+)', '^https://[a-z]+\\.test'];
  const urls = [
    'https://a.test/ac',
    'http://b.test/abc',
    'https://c.test/xyz/',
    'https://c.test/xy/',
    'http://d.test/?q=12',
  ];
  for (const expression of expressions)
    for (const url of urls)
      if (new RegExp(expression).test(url))
        expect([expression, url, mayMatch(expression, url)]).toEqual([expression, url, true]);
});
