import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type Supervised, supervise } from '../../../../controllers/gatekeeper/sidecar/supervise.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function running(script: string, given: Partial<Supervised> = {}) {
  const events: unknown[] = [];
  const program = { command: process.execPath, args: ['-e', script], startedAfterMs: 0, ...given };
  const supervision = supervise(program, (_level, event, facts) => events.push({ event, ...facts }));
  return { ...supervision, events };
}

async function until<T>(ask: () => T | undefined): Promise<T> {
  for (;;) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await sleep(5);
  }
}

const lasting = 'setInterval(() => {}, 1000)';

test('a program that is killed is started again, and the log says how it ended', async () => {
  const { pid, stop, events } = running(lasting);
  stops.push(stop);
  const first = await until(pid);
  process.kill(first, 'SIGKILL');
  const second = await until(() => (pid() === first ? undefined : pid()));
  expect(second).not.toBe(first);
  expect(events).toEqual([{ event: 'ended', code: 'SIGKILL' }]);
});

test('stopping hands SIGTERM on, waits for the end and starts nothing again', async () => {
  const { pid, stop, events } = running(lasting);
  const first = await until(pid);
  await stop();
  expect(pid()).toBeUndefined();
  expect(() => process.kill(first, 0)).toThrow('ESRCH');
  expect(events).toEqual([]);
});

test('a program that never lasts is given up with its own code, so that the kubelet tells of it', async () => {
  const { gaveUp, events } = running('process.exit(7)', { startedAfterMs: 2_000, attempts: 2 });
  expect(await gaveUp).toBe(7);
  expect(events).toEqual(Array.from({ length: 2 }, () => ({ event: 'ended', code: 7 })));
});

test('a program that cannot be started at all rejects', async () => {
  const { gaveUp } = running('', { command: '/nonexistent' });
  await expect(gaveUp).rejects.toThrow('ENOENT');
});
