import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differences, shortfalls, type Tree } from '../../../cli/diff/difference.ts';

const tree = fc.jsonValue() as fc.Arbitrary<Tree>;

test('equal data has no difference, and data with one more field lacks nothing', () => {
  fc.assert(
    fc.property(tree, (data) => {
      expect(differences(data, structuredClone(data))).toEqual([]);
      expect(shortfalls({ data }, { data: structuredClone(data), more: 1 })).toEqual([]);
    }),
  );
});

test('the smallest place that differs is named', () => {
  expect(differences({ a: { b: 1, c: [1] } }, { a: { b: 2, c: [1] }, d: null })).toEqual([
    { path: ['a', 'b'], left: 1, right: 2 },
    { path: ['d'], left: undefined, right: null },
  ]);
});

test('quantities are equal by amount, words are not', () => {
  const wanted = { cpu: '1', memory: '1Gi', name: 'a' };
  expect(shortfalls(wanted, { cpu: '1000m', memory: '1024Mi', name: 'a' })).toEqual([]);
  expect(shortfalls(wanted, { cpu: '1001m', memory: '1G', name: 'b' }).map(({ path }) => path)).toEqual([
    ['cpu'],
    ['memory'],
    ['name'],
  ]);
});

test('a list that is longer in the cluster differs', () => {
  expect(shortfalls({ args: ['a'] }, { args: ['a', 'b'] })).toHaveLength(1);
});

test('an empty field that an API server does not keep is no difference', () => {
  expect(shortfalls({ labels: {}, args: [], note: null }, {})).toEqual([]);
});
