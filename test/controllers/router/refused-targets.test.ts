import { BlockList } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { refusedTargets } from '../../../controllers/router/nginx/validate.ts';
import { neverTargets } from '../../../controllers/router/routing-table.ts';

test.each([
  ['10.241.69.13', false],
  ['192.168.0.1', false],
  ['fd00::1', false],
  ['127.0.0.1', true],
  ['169.254.169.254', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:10.0.0.1', true],
])('%s is refused as a target: %s', (address, refused) => {
  expect(refusedTargets({ refusedTargets: neverTargets })(address)).toBe(refused);
});

test('of IPv4 addresses those are refused that Node’s own list holds', () => {
  const near = fc.tuple(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 4 })).map(([a, b, equal]) => {
    const parts = [a.split('.').slice(0, equal), b.split('.').slice(equal)].flat();
    return [a, parts.join('.')] as const;
  });
  fc.assert(
    fc.property(near, fc.integer({ min: 0, max: 32 }), ([base, address], length) => {
      const list = new BlockList();
      list.addSubnet(base, length, 'ipv4');
      expect(refusedTargets({ refusedTargets: [`${base}/${length}`] })(address)).toBe(list.check(address, 'ipv4'));
    }),
    { numRuns: 1_000 },
  );
});

test('what is no range is an error, and never a range that refuses nothing', () => {
  expect(() => refusedTargets({ refusedTargets: ['10.0.0.0'] })).toThrow('10.0.0.0: expected an address range');
});
