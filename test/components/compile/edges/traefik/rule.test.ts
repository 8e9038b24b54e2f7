import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  and,
  call,
  hostRule,
  type Matcher,
  not,
  or,
  printRule,
  type Rule,
  ruleOf,
} from '../../../../../components/compile/edges/traefik/rule.ts';

const exact = { kind: 'exact', name: 'shop.example.org' } as const;
const everything = { host: exact, path: { kind: 'prefix', path: '/' }, methods: [], headers: [] } as const;

test('a prefix is taken by whole segments', () => {
  expect(printRule(ruleOf({ ...everything, path: { kind: 'prefix', path: '/foo' } }, false))).toBe(
    '(Host("shop.example.org")) && ((Path("/foo")) || (PathPrefix("/foo/")))',
  );
});

test('methods are alternatives, headers must all hold', () => {
  const match = {
    ...everything,
    path: { kind: 'exact', path: '/x' } as const,
    methods: ['GET', 'POST'],
    headers: [
      { name: 'x-a', value: '1' },
      { name: 'x-b', value: '2' },
    ],
  };
  expect(printRule(ruleOf(match, true))).toBe(
    '(Host("shop.example.org")) && (Path("/x")) && ((Method("GET")) || (Method("POST"))) && (Header("x-a", "1")) && (Header("x-b", "2"))',
  );
});

test('a wildcard host is one label, and no host is every host', () => {
  expect(printRule(ruleOf({ ...everything, host: { kind: 'wildcard', suffix: 'example.org' } }, false))).toBe(
    '(Host("*.example.org")) && (PathPrefix("/"))',
  );
  expect(printRule(ruleOf({ ...everything, host: { kind: 'any' } }, false))).toBe('PathPrefix("/")');
});

test.each([
  ['/', true],
  ['/.well-known', true],
  ['/.well-known/acme-challenge', false],
  ['/.well-known/acme-challenge/x', false],
  ['/.well', false],
])('a prefix %s makes way for challenges: %s', (path, makesWay) => {
  const text = printRule(ruleOf({ ...everything, path: { kind: 'prefix', path } }, true));
  expect(text.includes('!PathPrefix("/.well-known/acme-challenge/")')).toBe(makesWay);
});

test('a guard of a host makes way for challenges', () => {
  expect(printRule(hostRule(exact, true))).toContain('!PathPrefix("/.well-known/acme-challenge/")');
});

test('what would close a literal stays inside it', () => {
  const value = 'v`) || Host(`victim.example") || Host("\\';
  expect(printRule(call('Header', 'X-A', value))).toBe(
    'Header("X-A", "v\\u0060) || Host(\\u0060victim.example\\") || Host(\\"\\\\")',
  );
});

const matchers: readonly Matcher[] = ['Host', 'Path', 'PathPrefix', 'Header'];
const anyRule: fc.Arbitrary<Rule> = fc.letrec<{ rule: Rule }>((tie) => ({
  rule: fc.oneof(
    { maxDepth: 4 },
    fc
      .tuple(fc.constantFrom(...matchers), fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 2 }))
      .map(([matcher, values]) => call(matcher, ...values)),
    tie('rule').map(not),
    fc.tuple(tie('rule'), tie('rule')).map(([a, b]) => and(a, b)),
    fc.tuple(tie('rule'), tie('rule'), tie('rule')).map(([a, b, c]) => or(a, b, c)),
  ),
})).rule;

test('every rule reads back as the tree it was printed from, whatever its values hold', () => {
  fc.assert(
    fc.property(anyRule, (rule) => {
      expect(readBack(printRule(rule))).toEqual(plain(rule));
    }),
    { numRuns: 2000 },
  );
});

/** As Traefik sees it: alternatives of one are that one. */
function plain(rule: Rule): unknown {
  if (rule.kind === 'call') return { [rule.matcher]: rule.values };
  if (rule.kind === 'not') return { not: plain(rule.rule) };
  return rule.rules.length === 1 ? plain(rule.rules[0]) : { [rule.kind]: rule.rules.map(plain) };
}

/** A reader of its own for the printed form: Go literals, `!`, parentheses, and one operator a level. */
function readBack(text: string): unknown {
  let at = 0;
  const take = (token: string) => {
    if (!text.startsWith(token, at)) throw new Error(`expected ${token} at ${at} of ${text}`);
    at += token.length;
  };
  const literal = (): string => {
    const end = /^"(?:[^"\\`\n]|\\.)*"/.exec(text.slice(at));
    if (end === null) throw new Error(`expected a literal at ${at} of ${text}`);
    at += end[0].length;
    return end[0]
      .slice(1, -1)
      .replace(
        /\\(?:U([0-9a-f]{8})|u([0-9a-f]{4})|(["\\]))/g,
        (_, long, short, character) => character ?? String.fromCodePoint(Number.parseInt(long ?? short, 16)),
      );
  };
  const operand = (): unknown => {
    if (text[at] === '(') {
      take('(');
      const inner = expression();
      take(')');
      return inner;
    }
    if (text[at] === '!') {
      take('!');
      return { not: operand() };
    }
    const name = /^[A-Za-z]+/.exec(text.slice(at))?.[0] ?? '';
    take(`${name}(`);
    const values = [literal()];
    while (text[at] === ',') {
      take(', ');
      values.push(literal());
    }
    take(')');
    return { [name]: values };
  };
  const expression = (): unknown => {
    const operands = [operand()];
    const operator = text.startsWith(' && ', at) ? ' && ' : ' || ';
    while (text.startsWith(operator, at)) {
      take(operator);
      operands.push(operand());
    }
    return operands.length === 1 ? operands[0] : { [operator === ' && ' ? 'and' : 'or']: operands };
  };
  const tree = expression();
  if (at !== text.length) throw new Error(`left over at ${at} of ${text}`);
  return tree;
}
