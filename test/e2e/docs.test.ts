import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clusterPaths } from '../../local/cluster.ts';
import { commandsOf, root } from '../docs/fences.ts';

/** These commands are about the cluster `local` and take it down: one that somebody works with is left alone. */
const inUse = existsSync(clusterPaths('local', process.env).state);

test.skipIf(inUse).each(commandsOf('cluster'))('%s: `%s` runs', { timeout: 900_000 }, (_, command) => {
  const { status, stderr } = spawnSync('sh', ['-ec', command], { cwd: root, encoding: 'utf8' });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
});
