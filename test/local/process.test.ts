import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { hasEnded, isSameProcess, parsePidRecord, parseStat, processNow } from '../../local/process.ts';

const stat = (command: string, startTime: number) => `4711 (${command}) S 1 ${'0 '.repeat(17)}${startTime} 0 0`;
const boot = '55b9f0e3-f2d0-419c-891d-b975f6a2d464';

test.each(['sh', 'a b', 'odd) S 9 (name', '((('])('the start time is found behind a command named %j', (command) => {
  expect(parseStat(stat(command, 99))).toEqual({ pid: 4711, startTime: '99' });
});

test.each([
  ['Z', 1, true],
  ['Z', 7, false],
  ['X', 0, true],
  ['S', 1, false],
])('a process in state %s with %d threads has ended: %s', (state, threads, ended) => {
  expect(hasEnded(`4711 (odd) Z 9 (name) ${state} 1 ${'0 '.repeat(15)}${threads} 0 99 0 0`)).toBe(ended);
});

test('the same pid, start and boot is the same process', () => {
  const record = { pid: 1, startTime: '5', bootId: boot };
  expect(isSameProcess(record, { ...record })).toBe(true);
});

test.each([
  ['another start: the pid was used again', { startTime: '6' }],
  ['another boot: the machine was restarted', { bootId: 'other' }],
  ['another pid', { pid: 2 }],
])('%s is not the same process', (_what, other) => {
  const record = { pid: 1, startTime: '5', bootId: boot };
  expect(isSameProcess(record, { ...record, ...other })).toBe(false);
});

test('a process that is gone is not the same as any', () => {
  expect(isSameProcess({ pid: 1, startTime: '5', bootId: boot }, undefined)).toBe(false);
});

test('a pid file gives back who wrote it and what it was started with', () => {
  const record = parsePidRecord(`${boot}\n${stat('sh', 99)}\nabcdef\n`);
  expect(record).toEqual({ pid: 4711, startTime: '99', bootId: boot, fingerprint: 'abcdef' });
});

test.each(['', '\n', boot, `${boot}\n${stat('sh', 1)}`, `${boot}\nno stat line\nabc`, `\n${stat('sh', 1)}\nabc`])(
  'a pid file that was cut off names nobody: %j',
  (text) => {
    expect(parsePidRecord(text)).toBeUndefined();
  },
);

test('a running process keeps its identity, and has none after its end', async () => {
  const child = spawn('sleep', ['60']);
  const pid = child.pid!;
  const before = processNow(pid);
  expect(before).toMatchObject({ pid, bootId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(processNow(pid)).toEqual(before);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(processNow(pid)).toBeUndefined();
});
