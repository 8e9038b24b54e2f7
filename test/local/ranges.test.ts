import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overlap, parseRange } from '../../local/ranges.ts';

test('a range begins at its network, whatever address it is written with', () => {
  expect(parseRange('10.1.2.3/24')).toEqual(parseRange('10.1.2.0/24'));
  expect(parseRange('10.1.2.0/24')).toEqual({ first: 0x0a010200, last: 0x0a0102ff });
});

test('a lone address is a range of one', () => {
  expect(parseRange('192.0.2.7')).toEqual({ first: 0xc0000207, last: 0xc0000207 });
});

test.each(['default', '', '10.0.0.0/33', '256.0.0.1', 'fd00::/8', '10.0.0'])('%j is no range', (text) => {
  expect(parseRange(text)).toBeUndefined();
});

test('overlapping is mutual, and a range overlaps what contains it', () => {
  const ranges = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([a, bits]) => parseRange(`${a}/${bits}`)!);
  fc.assert(fc.property(ranges, ranges, (a, b) => overlap(a, b) === overlap(b, a)));
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (a, n) =>
      overlap(parseRange(a)!, parseRange(`${a}/${n}`)!),
    ),
  );
});

test('neighbours do not overlap', () => {
  expect(overlap(parseRange('10.0.0.0/24')!, parseRange('10.0.1.0/24')!)).toBe(false);
});
