import fc from 'fast-check';
import jsYaml from 'js-yaml';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../../components/compile/output.ts';
import { toYaml } from '../../../components/compile/to-yaml.ts';

const object = (data: unknown): KubeObject => ({ apiVersion: 'v1', kind: 'T', metadata: { name: 'x' }, data });

/** The same text as four readers see it: YAML 1.1 and 1.2 of one library, and both schemas of another. */
function readings(text: string): readonly unknown[][] {
  const documents = (version: '1.1' | '1.2') =>
    [parseAllDocuments(text, { version, strict: true, merge: true })].flat().map((document) => {
      expect(document.errors).toEqual([]);
      expect(document.warnings).toEqual([]);
      return document.toJS();
    });
  const all: unknown[] = [];
  jsYaml.loadAll(text, (document) => all.push(document));
  const core: unknown[] = [];
  jsYaml.loadAll(text, (document) => core.push(document), { schema: jsYaml.CORE_SCHEMA });
  return [documents('1.1'), documents('1.2'), all, core];
}

function expectRoundTrip(...objects: readonly KubeObject[]): void {
  for (const reading of readings(toYaml(objects))) expect(reading).toEqual(objects);
}

/** What readers take for something else, by kind. */
const words = `~ null Null true False yes no NO on Off y N = << - ? : | > --- ... [a] {a} {{x}} $(VAR) "a" 'a' it's a"b a\\b`;
const marks =
  '#a :a a: a:b a#b -a --a -- ?a !a &a *a @a `a %a |a 25% %25 ::1 fd00::/8 10.0.0.0/8 1.2.3.4 100m 128Mi v1.2.3';
const numbers =
  'e0 E5 e+1 e-1 .e0 0 00 012 0o14 0x1f 0b11 1e3 1E3 1.5 .5 5. +1 -1 1_000 .inf -.INF .nan .NaN 1.30 12:30 12:30:45 190:20:30.15';
const dates = ['2001-12-14', '2001-12-14t21:59:43.10-05:00', '2001-12-14 21:59:43'];
const blanks = [
  '',
  ' ',
  ' a',
  'a ',
  '\ta',
  'a\t',
  'a\tb',
  'a: b',
  'a #b',
  '# a',
  '- a',
  '? a',
  'a, b',
  '--- a',
  '--a b',
];
const lines = ['a\nb', 'a\nb\n', 'a\n', 'a\n\n', '\na', '\n', ' a\nb', 'a\n b', 'a\n  \nb', 'a\n\tb', 'a \nb', 'a\nb '];
const markedLines = [
  'a\n---\nb',
  'a\n# b',
  'a\n...\n',
  'a: b\nc: d\n',
  '- a\n- b',
  'a\r\nb',
  'a\rb',
  'a\u2028b',
  '\u2029',
  '\u0085',
];
const controls = [
  '\u0000',
  '\u0007',
  '\u001b[31m',
  '\u007f',
  '\u0080',
  '\ufeff',
  'a\ufeff',
  '\ufffe',
  '\uffff',
  'a\n\u202e',
];
const foreign = ['é', '日本語', '😀', 'a\n😀\n', '\u202eabc', '\u00a0', '\u3000a', 'a\u3000'];
const traps = [
  ...[words, marks, numbers].flatMap((text) => text.split(' ')),
  ...[dates, blanks, lines, markedLines, controls, foreign].flat(),
];

test.each(traps.map((text) => [JSON.stringify(text), text]))(
  'the string %s comes back from every reader',
  (_, text) => {
    expectRoundTrip(object({ value: text, [text]: 1, list: [text, [text]], nested: [{ [text]: text }] }));
  },
);

test('any text comes back from every reader, as value, key and list item', () => {
  const mark = fc.constantFrom(...traps, ...' \n\t:-#?&*!|>%@`\'"{}[],~=<0123456789aexX._+'.split(''));
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.array(mark, { maxLength: 6 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, text, (value, key) => {
      fc.pre(key !== '__proto__');
      expectRoundTrip(object({ [key]: value, list: [value, { [key]: value }] }));
    }),
    { numRuns: 3000 },
  );
});

test('any JSON data comes back from every reader', () => {
  const json = fc
    .jsonValue({ maxDepth: 5, stringUnit: 'grapheme' })
    .filter((data) => !JSON.stringify(data).includes('__proto__'));
  const positive = (data: unknown) => JSON.parse(JSON.stringify(data));
  fc.assert(
    fc.property(fc.array(json, { maxLength: 3 }), (list) =>
      expectRoundTrip(...list.map((data) => object(positive(data)))),
    ),
    { numRuns: 2000 },
  );
});

test('numbers keep their value and stay numbers', () => {
  expectRoundTrip(object([0, -1, 1.5, 1e21, 1.5e300, 1e-7, 5e-324, Number.MAX_SAFE_INTEGER]));
});

test('a key longer than a simple key may be still stands', () => {
  expectRoundTrip(object({ ['k'.repeat(2000)]: { inner: ['a'] }, [' k'.repeat(900)]: 'b' }));
});

test('plain words stay without quotes, and lists stand at the indent of their key', () => {
  const text = toYaml([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'cart', namespace: 'shop', labels: {}, annotations: { 'example.org/owner': 'team a' } },
      spec: {
        replicas: 2,
        args: ['--host=0.0.0.0', '8000', 'on'],
        ports: [{ name: 'http', containerPort: 8000 }],
        none: [],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c' },
      data: { 'a.conf': 'one: 1\n\ntwo: 2\n', b: 'x\ny' },
    },
  ]);
  expect(text).toBe(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: cart
  namespace: shop
  labels: {}
  annotations:
    example.org/owner: team a
spec:
  replicas: 2
  args:
  - --host=0.0.0.0
  - "8000"
  - "on"
  ports:
  - name: http
    containerPort: 8000
  none: []
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: c
data:
  a.conf: |
    one: 1

    two: 2
  b: |-
    x
    y
`);
});

test('a field that is undefined is left out', () => {
  expect(toYaml([object({ a: undefined, b: { c: undefined }, d: 1 })])).toContain('data:\n  b: {}\n  d: 1\n');
});

test.each([
  ['a function', () => 1, 'T x: found function at value, expected plain data'],
  ['a date', new Date(0), 'T x: found Date at value, expected plain data'],
  ['NaN', Number.NaN, 'T x: found NaN at value, expected plain data'],
  ['a big integer', 1n, 'T x: found bigint at value, expected plain data'],
])('%s is refused with its place', (_, value, message) => {
  expect(() => toYaml([object({ value })])).toThrow(new TypeError(message));
  expect(() => toYaml([object({ value: [[value]] })])).toThrow(new TypeError(message));
});

test('a cycle is refused, not followed for ever', () => {
  const loop: { self?: unknown; list?: unknown } = {};
  loop.self = loop;
  expect(() => toYaml([object(loop)])).toThrow('found more than 100 levels at self');
  const list: unknown[] = [];
  list.push(list);
  expect(() => toYaml([object(list)])).toThrow('found more than 100 levels at data');
});
