import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventLine, type FakeApi, refuse, saying, startFakeApi, statusOf } from './fake-api.ts';
import { runLoop, until } from './running-loop.ts';

/** What happens to the world: to its objects, or to the way there. */
type Happening =
  | { readonly kind: 'put'; readonly name: string; readonly spec: number }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'spoil'; readonly how: keyof typeof spoilers };

const spoilers = {
  reset: (fake: FakeApi) => fake.reset(),
  end: (fake: FakeApi) => fake.endWatches(),
  compact: (fake: FakeApi) => fake.compact(),
  compactAndReset(fake: FakeApi) {
    fake.compact();
    fake.reset();
  },
  bookmark: (fake: FakeApi) => fake.bookmark(),
  error: (fake: FakeApi) => fake.write(eventLine('ERROR', statusOf(500, 'InternalError'))),
  gone: (fake: FakeApi) => fake.write(eventLine('ERROR', statusOf(410, 'Expired'))),
  badLine: (fake: FakeApi) => fake.write('{"type":\n'),
  nameless: (fake: FakeApi) => fake.write(eventLine('ADDED', {})),
  old: (fake: FakeApi) =>
    fake.write(
      eventLine('MODIFIED', { metadata: { name: 'a', namespace: 'default', resourceVersion: '1' }, spec: -1 }),
    ),
  refuseWatch(fake: FakeApi) {
    fake.fail('watch', refuse(429, 'TooManyRequests', { 'retry-after': '2' }), refuse(401), saying('{"ty', 'reset'));
    fake.reset();
  },
  refuseList(fake: FakeApi) {
    fake.fail('list', refuse(500), (response) => void response.destroy(), refuse(403));
    fake.fail('watch', refuse(410, 'Expired'));
    fake.reset();
  },
} as const;

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), name, spec: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('remove' as const), name }),
  fc.record({
    kind: fc.constant('spoil' as const),
    how: fc.constantFrom(...(Object.keys(spoilers) as (keyof typeof spoilers)[])),
  }),
);

function apply(fake: FakeApi, objects: Map<string, number>, now: Happening): void {
  switch (now.kind) {
    case 'put':
      objects.set(`default/${now.name}`, now.spec);
      fake.put(now.name, now.spec);
      return;
    case 'remove':
      objects.delete(`default/${now.name}`);
      fake.remove(now.name);
      return;
    case 'spoil':
      spoilers[now.how](fake);
      return;
    default:
      now satisfies never;
  }
}

const textOf = (objects: ReadonlyMap<string, unknown>) => JSON.stringify([...objects].toSorted());

test('through any faults, only states that the server has had are reconciled, in their order, and the last one is reached', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(happening, fc.nat(3)), { minLength: 5, maxLength: 40 }), async (happenings) => {
      await using fake = await startFakeApi();
      const objects = new Map<string, number>();
      const history = [textOf(objects)];
      const reconciled: string[] = [];
      await using run = runLoop(fake, {
        times: 1_000,
        watchTiming: { pageSize: 2 },
        reconcileTiming: { quietMs: 0, mostWaitMs: 0, minGapMs: 0 },
        reconcile: ({ things }) => void reconciled.push(textOf(things)),
      });
      for (const [now, pauseMs] of happenings) {
        apply(fake, objects, now);
        history.push(textOf(objects));
        if (pauseMs > 0) await wait(pauseMs);
      }
      await until(
        () => reconciled.at(-1) === textOf(objects),
        () => [reconciled.at(-1), textOf(objects)],
      );
      expect(run.loop.unready()).toBeNull();
      let from = 0;
      for (const state of reconciled) {
        const at = history.indexOf(state, from);
        expect(at, `${state} after version ${from} of ${history.join(' ')}`).toBeGreaterThanOrEqual(from);
        from = at;
      }
    }),
    { numRuns: 40 },
  );
});
