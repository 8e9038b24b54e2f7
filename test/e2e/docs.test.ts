import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandsOf, root } from '../docs/fences.ts';

test.each(commandsOf('cluster'))('%s: `%s` runs', { timeout: 900_000 }, (_, command) => {
  const { status, stderr } = spawnSync('sh', ['-ec', command], { cwd: root, encoding: 'utf8' });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
});
