import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { pluginPath, runPulumi } from '../../scripts/test-pulumi/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgeplane-test-pulumi-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program that a shell runs. */
function program(path: string, script: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const versions = { kubernetes: '4.28.0', random: '4.21.2' };

test('of the installed plugins the version of the package is taken, and one on PATH before all', () => {
  const home = join(folder, 'home');
  for (const version of ['4.9.0', '4.28.0', '4.32.0'])
    program(join(home, '.pulumi/plugins', `resource-kubernetes-v${version}`, 'pulumi-resource-kubernetes'), 'true');
  program(join(folder, 'bin', 'pulumi-resource-random'), 'true');
  const found = pluginPath({ HOME: home, PATH: join(folder, 'bin') }, versions);
  const taken = join(home, '.pulumi/plugins/resource-kubernetes-v4.28.0');
  expect(found).toEqual({ path: `${join(folder, 'bin')}:${taken}`, missing: [] });
});

test('plugins that are nowhere are named', () => {
  expect(pluginPath({ HOME: join(folder, 'none'), PATH: '' }, versions).missing).toEqual(['kubernetes', 'random']);
});

test('without the CLI the script says what to install and ends with 3, and makes nothing', () => {
  const root = join(__dirname, '../..');
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'scripts/test-pulumi.ts')],
    { env: { PATH: '/nowhere', HOME: folder }, encoding: 'utf8' },
  );
  expect([status, stdout]).toEqual([3, '']);
  expect(stderr).toBe(
    'pulumi: not found on PATH. Install the Pulumi CLI and its plugins as docs/pulumi.md says, then run this again.\n',
  );
});

test('an interrupted command is asked to end once, is waited for, and ends the run', async () => {
  const bin = join(folder, 'cli');
  const script =
    'trap "echo asked" INT\necho ready\nwhile [ ! -e "$TOLD" ]; do sleep 0.05 & wait $!; done\necho ended orderly';
  program(join(bin, 'pulumi'), script);
  const told = join(folder, 'told');
  const controller = new AbortController();
  let text = '';
  const write = (words: string) => {
    text += words;
    if (words.includes('ready')) controller.abort(new Error('interrupted'));
    if (words.includes('asked')) writeFileSync(told, '');
  };
  const env = { PATH: `${bin}:${process.env.PATH}`, TOLD: told };
  const running = runPulumi({ project: folder, env, write, signal: controller.signal }, ['up']);
  await expect(running).rejects.toThrow('interrupted');
  expect(text.match(/asked/g)).toHaveLength(1);
  expect(text).toContain('ended orderly');
});
