import type * as FileSystem from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { mountSecret, secretsFolder } from './mounted-secret.ts';
import { base64, runGatekeeper } from './running.ts';

/** Called once, between reading where `..data` points and reading what is there. */
const between = vi.hoisted(() => ({ act: [] as (() => Promise<void>)[] }));

vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof FileSystem>();
  const readlink = async (file: string) => {
    const link = await actual.readlink(file);
    await between.act.pop()?.();
    return link;
  };
  return { ...actual, readlink };
});

test('a volume that is swapped while it is read is read again', async () => {
  await using folder = await secretsFolder();
  const [first, second] = ['first-0123456789abcdef', 'second-0123456789abcdef'];
  await mountSecret(folder.dir, 'routing', { 'api-key': first });
  await using gatekeeper = await runGatekeeper(folder.dir);
  between.act.push(() => mountSecret(folder.dir, 'routing', { 'api-key': second }));
  await gatekeeper.rescan();
  const headers = { 'X-ROUTING-API-KEY': base64(second) };
  expect((await gatekeeper.check('/auth/api-key?secret=routing&key=api-key', headers)).status).toBe(200);
  expect(between.act).toEqual([]);
});
