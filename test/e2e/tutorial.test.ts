import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterPaths } from '../../local/cluster.ts';
import { type Fence, fencesOf, root } from '../docs/fences.ts';
import { edgeplane, ownCluster, small } from './edgeplane.ts';
import { sharedCluster } from './shared-cluster.ts';

const { kubectl } = sharedCluster().tools;

const blocks = fencesOf('docs/tutorial.md').filter(({ word }) => word.startsWith('tutorial'));
const steps = blocks.flatMap((block, index): readonly [string, Fence, string][] => {
  const next = blocks[index + 1];
  const expected = next?.language === 'text' ? next.text.trim() : '';
  return block.language === 'sh' ? [[block.text.trim().split('\n').at(-1)!, block, expected]] : [];
});

beforeAll(async () => {
  expect(await edgeplane('up', '--no-apps', ...small)).toMatchObject({ code: 0 });
});
afterAll(() => edgeplane('down'));

/** The reader's shell keeps what was set before; here each block has its own. */
const remembered: string[] = [];

/** The reader has one cluster; this one stands beside others. */
const onOwnCluster = (text: string) =>
  text.replaceAll(/npm run up|npx edgeplane up/g, `npx edgeplane up --name ${ownCluster}`);

test.each(steps)('`%s`', { timeout: 600_000 }, (_, { word, text }, expected) => {
  const script = onOwnCluster(text);
  const env = {
    ...process.env,
    KUBECONFIG: clusterPaths(ownCluster, process.env).kubeconfig,
    PATH: `${dirname(kubectl)}:${process.env.PATH}`,
  };
  const run = spawnSync('bash', ['-euo', 'pipefail', '-c', [...remembered, script].join('\n')], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  remembered.push(...script.split('\n').filter((line) => /^[A-Z]+=/.test(line)));
  expect({ failed: run.status !== 0, stderr: word === 'tutorial' && run.status !== 0 ? run.stderr : '' }).toEqual({
    failed: word === 'tutorial-fails',
    stderr: '',
  });
  for (const line of expected.split('\n')) expect(run.stdout + run.stderr).toContain(line);
});

test('the tutorial has steps that succeed, one that fails, and says what comes of them', () => {
  expect(steps.filter(([, { word }]) => word === 'tutorial-fails')).toHaveLength(1);
  expect(steps.filter(([, , expected]) => expected !== '').length).toBeGreaterThan(4);
});
