import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createApiClient } from '../../../controllers/loop/api.ts';
import { startLoop } from '../../../controllers/loop/loop.ts';
import { createMetrics } from '../../../controllers/loop/metrics.ts';
import { dueAt } from '../../../controllers/loop/reconciler.ts';
import type { KubeObject } from '../../../controllers/loop/source.ts';
import { defaultReconcileTiming } from '../../../controllers/loop/timing.ts';
import { refuse, startFakeApi } from './fake-api.ts';
import { fastClock } from './fast-clock.ts';
import { runLoop, things, until } from './running-loop.ts';

test('nothing is reconciled before every source has been listed once, and the program is not ready', async () => {
  await using first = await startFakeApi();
  await using second = await startFakeApi();
  second.always('list', refuse(403, 'Forbidden'));
  first.put('a');
  const clock = fastClock();
  const client = (fake: typeof first) => createApiClient({ access: fake.access, clock, userAgent: 'test' });
  const [one, two] = [client(first), client(second)];
  const reconciled: unknown[] = [];
  const loop = startLoop({
    // One server for each source: the path tells which.
    api: {
      call: (call) => (call.path.includes('/others') ? two : one).call(call),
      open: (path, signal) => (path.includes('/others') ? two : one).open(path, signal),
      close: () => undefined,
    },
    sources: { things, others: { ...things, plural: 'others' } },
    reconcile: (state) => void reconciled.push([state.things.size, state.others.size]),
    clock,
    log: () => undefined,
    metrics: createMetrics('test_'),
  });
  await until(() => first.openWatches() === 1 && second.lists.length >= 3);
  first.put('b');
  await wait(50);
  expect([loop.unready(), loop.state(), reconciled]).toEqual(['waiting for the first list of others', null, []]);
  second.always('list', null);
  await until(() => loop.unready() === null);
  expect(reconciled).toEqual([[2, 0]]);
  await loop.stop();
  one.close();
  two.close();
});

test('a program whose first reconcile fails is not ready until one succeeds', async () => {
  await using fake = await startFakeApi();
  let failures = 0;
  const reasons: (string | null)[] = [];
  await using run = runLoop(fake, {
    reconcile() {
      reasons.push(run.loop.unready());
      failures += 1;
      if (failures < 3) throw new Error('disk full');
    },
  });
  await until(() => run.loop.unready() === null);
  expect(reasons).toEqual(Array(3).fill('the first reconcile has not succeeded'));
});

test('a reconcile that throws, at once or later, is tried again with longer waits; readiness stays', async () => {
  await using fake = await startFakeApi();
  let failing = false;
  await using run = runLoop(fake, {
    times: 1_000,
    reconcile: () => (failing ? Promise.reject(new Error('disk full')) : undefined),
  });
  await until(() => run.loop.unready() === null);
  failing = true;
  fake.put('a');
  const waits = () => run.lines.filter((line) => line.includes('disk full')).map((line) => JSON.parse(line).waitMs);
  await until(() => waits().length >= 4);
  expect(waits().slice(0, 4)).toEqual([750, 1_500, 3_000, 6_000]);
  expect([run.loop.unready(), run.loop.unhealthy()]).toEqual([null, null]);
  failing = false;
  await until(() => run.metric('reconciles_total{outcome="succeeded"}') === 2);
  expect(run.reconciled.at(-1)).toEqual(['default/a']);
});

test('what changes while a reconcile runs is seen by the next one, and there are never two at a time', async () => {
  await using fake = await startFakeApi();
  let [running, most] = [0, 0];
  let release: () => void = () => undefined;
  await using run = runLoop(fake, {
    async reconcile() {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      running -= 1;
    },
  });
  await until(() => running === 1);
  fake.put('a');
  await until(() => run.metric('objects{source="things"}') === 1);
  await wait(50);
  expect(run.reconciled).toEqual([[]]);
  release();
  await until(() => run.reconciled.length === 2);
  release();
  expect([run.reconciled[1], most]).toEqual([['default/a'], 1]);
});

test('a reconcile that hangs is told to stop, and makes the program unhealthy when it does not', async () => {
  await using fake = await startFakeApi();
  let reason: unknown = null;
  let release: () => void = () => undefined;
  await using run = runLoop(fake, {
    times: 1_000,
    reconcile: (_, signal) =>
      new Promise((resolve) => {
        release = resolve;
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
      }),
  });
  await until(() => run.loop.unhealthy() !== null);
  expect(String(reason)).toBe('Error: not done after 60000 ms');
  expect(run.loop.unhealthy()).toMatch(/^a reconcile hangs for \d+ s$/);
  release();
  await until(() => run.loop.unhealthy() === null);
});

test('a trigger reconciles though nothing changed', async () => {
  await using fake = await startFakeApi();
  await using run = runLoop(fake);
  await until(() => run.loop.unready() === null);
  run.loop.trigger();
  await until(() => run.reconciled.length === 2);
});

test('a loop that repeats reconciles though nothing changed', async () => {
  await using fake = await startFakeApi();
  await using run = runLoop(fake, { times: 1_000, reconcileTiming: { repeatMs: 30_000 } });
  await until(() => run.reconciled.length >= 3);
});

test('a change that the source does not keep reconciles nothing', async () => {
  await using fake = await startFakeApi();
  fake.put('a', { kept: 1, noise: 1 });
  const project = ({ spec }: KubeObject) => ({ kept: (spec as { readonly kept: number }).kept });
  await using run = runLoop(fake, { source: { project } });
  await until(() => run.loop.unready() === null);
  for (let noise = 2; noise < 20; noise += 1) fake.put('a', { kept: 1, noise });
  fake.put('a', { kept: 2, noise: 20 });
  await until(() => run.reconciled.length === 2);
  expect(run.specOf('a')).toEqual({ kept: 2 });
});

test('stopping ends the watches, and waits for the reconcile under way', async () => {
  await using fake = await startFakeApi();
  let ended = false;
  const run = runLoop(fake, {
    async reconcile() {
      await wait(50);
      ended = true;
    },
  });
  await until(() => fake.openWatches() === 1 && run.reconciled.length === 1);
  await run[Symbol.asyncDispose]();
  await until(() => fake.openWatches() === 0);
  fake.put('a');
  expect([ended, run.reconciled.length]).toEqual([true, 1]);
});

const moments = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 200 });

test('any run of changes is acted on within the longest wait, and never twice within the gap', () => {
  fc.assert(
    fc.property(moments, fc.integer({ min: 0, max: 20_000 }), (changes, lastStart) => {
      const timing = defaultReconcileTiming;
      const [firstChange, lastChange] = [Math.min(...changes), Math.max(...changes)];
      const due = dueAt({ firstChange, lastChange, retryAt: null, lastStart }, timing);
      expect(due).toBeGreaterThanOrEqual(lastStart + timing.minGapMs);
      expect(due).toBeLessThanOrEqual(Math.max(firstChange + timing.mostWaitMs, lastStart + timing.minGapMs));
      if (lastChange - firstChange < timing.mostWaitMs - timing.quietMs && lastChange > lastStart + timing.minGapMs) {
        expect(due).toBe(lastChange + timing.quietMs);
      }
    }),
  );
});

test('a change is acted on before a retry that would come later', () => {
  const pending = { firstChange: 10_000, lastChange: 10_000, retryAt: 60_000, lastStart: 0 };
  expect(dueAt(pending, defaultReconcileTiming)).toBe(10_500);
  expect(dueAt({ ...pending, firstChange: null, lastChange: null }, defaultReconcileTiming)).toBe(60_000);
});

test('without a change, a retry or a repeat there is nothing to do', () => {
  const pending = { firstChange: null, lastChange: null, retryAt: null, lastStart: 5_000 };
  expect(dueAt(pending, defaultReconcileTiming)).toBeNull();
  expect(dueAt(pending, { ...defaultReconcileTiming, repeatMs: 30_000 })).toBe(35_000);
});

test('a storm of changes that never pauses is reconciled at most once in three seconds, and not put off', async () => {
  await using fake = await startFakeApi();
  await using run = runLoop(fake, { times: 50 });
  await until(() => run.loop.unready() === null);
  const begun = run.clock.monotonicMs();
  let count = 0;
  while (run.reconciled.length < 5) {
    count += 1;
    fake.put('a', count);
    await wait(2);
  }
  const seconds = (run.clock.monotonicMs() - begun) / 1_000;
  expect(run.reconciled.length - 1).toBeLessThanOrEqual(seconds / 3 + 1);
  await until(() => run.specOf('a') === count);
});
