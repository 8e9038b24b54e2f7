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
