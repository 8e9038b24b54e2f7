import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Locked, withLock } from '../../local/lock.ts';
import { processNow } from '../../local/process.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
  path = join(folder, 'a.lock');
});
afterEach(() => rm(folder, { recursive: true }));

test('work is done under the lock, and the lock is gone after it', async () => {
  expect(await withLock(path, {}, async () => existsSync(path))).toBe(true);
  expect(await readdir(folder)).toEqual([]);
});

test('the lock is gone after work that failed', async () => {
  await expect(withLock(path, {}, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await readdir(folder)).toEqual([]);
});

test('a second holder is refused and told who holds it', async () => {
  await withLock(path, {}, async () => {
    await expect(withLock(path, {}, async () => undefined)).rejects.toThrow(Locked);
    await expect(withLock(path, {}, async () => undefined)).rejects.toThrow(`process ${process.pid} is at work`);
    expect(existsSync(path)).toBe(true);
  });
});

test('one that waits works after the other has ended', async () => {
  const order: string[] = [];
  const second = withLock(path, {}, async () => {
    const waiting = withLock(path, { wait: true }, async () => void order.push('second'));
    order.push('first');
    return { waiting };
  });
  await (await second).waiting;
  expect(order).toEqual(['first', 'second']);
});

test('a lock whose holder has died is taken', async () => {
  const child = spawn('sleep', ['60']);
  await writeFile(path, JSON.stringify(processNow(child.pid!)));
  await expect(withLock(path, {}, async () => undefined)).rejects.toThrow(Locked);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await withLock(path, {}, async () => 'mine')).toBe('mine');
});

test('a lock whose holder’s pid is somebody else’s by now is taken', async () => {
  await writeFile(path, JSON.stringify({ ...processNow(process.pid), startTime: '1' }));
  expect(await withLock(path, {}, async () => 'mine')).toBe('mine');
});

test('a lock file with nonsense in it is taken', async () => {
  await writeFile(path, '{"pid":');
  expect(await withLock(path, {}, async () => 'mine')).toBe('mine');
});
