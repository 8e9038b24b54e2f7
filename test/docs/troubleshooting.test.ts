import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Why } from '../../cli/deploy/pending.ts';
import { root } from './fences.ts';

const page = readFileSync(path.join(root, 'docs/troubleshooting.md'), 'utf8');
const sources = execFileSync('git', ['ls-files', 'cli', 'local', 'components'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(path.join(root, file), 'utf8'))
  .join('\n');

/** What a message is made of beside its words: a status that came. */
const withoutStatus = (words: string) => words.replace(/ \d{3}$/, '');

test.each([...page.matchAll(/^### `(.*)`$/gm)].map(([, words = '']) => withoutStatus(words)))(
  'a message says `%s`',
  (words) => expect(sources.includes(words)).toBe(true),
);

test('every reason for which something is pending is on the page', () => {
  const all: Readonly<Record<Why, true>> = {
    ...{ address: true, configuration: true, crash: true, image: true, 'no node': true },
    ...{ probe: true, refused: true, starting: true, unschedulable: true },
  };
  const rows = [...page.matchAll(/^\| `(.*?)` \|/gm)].map(([, why]) => why);
  expect(rows.toSorted()).toEqual(Object.keys(all).toSorted());
});
