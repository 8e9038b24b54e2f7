import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogue } from '../../../local/images/catalogue.ts';

test('both images of the router start it with the same flags of Node', () => {
  const [, written = ''] = /^ENTRYPOINT (.*)$/m.exec(readFileSync('controllers/router/Dockerfile', 'utf8')) ?? [];
  const [, ...words] = JSON.parse(written) as string[];
  expect(words).toContain('--max-semi-space-size=2');
  expect(catalogue.router.entrypoint.slice(1)).toEqual(words);
});
