import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeHostFolders } from '../../local/host-folders.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'edgeplane-folders-'));
  for (const folder of ['state', 'run', 'made', 'made/inner']) mkdirSync(join(home, folder));
  writeFileSync(join(home, 'state/made-folders'), `${join(home, 'made')}\n${join(home, 'made/inner')}\n`);
});
afterEach(() => rmSync(home, { recursive: true }));

const pathsOf = (name: string) => {
  const state = join(home, 'state', name);
  const run = join(home, 'run', name);
  return { state, run, logs: '', pki: '', kubeconfig: '', cache: '' };
};

test('the last cluster to go takes the folders that were made for all', async () => {
  await removeHostFolders(pathsOf('one'));
  expect(existsSync(join(home, 'made'))).toBe(false);
  expect(existsSync(join(home, 'state/made-folders'))).toBe(false);
});

test.each(['state', 'run'])(
  'while another cluster has files in %s the folders stay, for its nodes mount over them',
  async (place) => {
    mkdirSync(join(home, place, 'two'));
    await removeHostFolders(pathsOf('one'));
    expect(existsSync(join(home, 'made/inner'))).toBe(true);
    rmSync(join(home, place, 'two'), { recursive: true });
    await removeHostFolders(pathsOf('two'));
    expect(existsSync(join(home, 'made'))).toBe(false);
  },
);

test('a folder that is in use by now stays', async () => {
  writeFileSync(join(home, 'made/inner/own'), '');
  await removeHostFolders(pathsOf('one'));
  expect(existsSync(join(home, 'made/inner/own'))).toBe(true);
});
