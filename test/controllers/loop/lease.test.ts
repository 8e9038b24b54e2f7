import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ApiCall, type ApiClient, ApiError } from '../../../controllers/loop/api.ts';
import { type Lease, type LeaseTiming, startLease } from '../../../controllers/loop/lease.ts';
import { acquire, type LeaseObject, microTime, recordOf } from '../../../controllers/loop/lease-record.ts';
import { createMetrics } from '../../../controllers/loop/metrics.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

const timing: LeaseTiming = { leaseMs: 60_000, writeMs: 40_000, retryMs: 15_000 };

/** One lease on a server that keeps versions, and clients that can be cut off from it. */
function leaseServer() {
  let stored: LeaseObject | null = null;
  let version = 0;
  const answer = ({ method, body }: ApiCall): unknown => {
    if (method === 'GET') {
      if (stored === null) throw new ApiError('GET lease', 404, 'NotFound', null);
      return stored;
    }
    const given = body as LeaseObject;
    if (given.metadata?.resourceVersion !== stored?.metadata?.resourceVersion) {
      throw new ApiError(`${method} lease`, 409, 'Conflict', null);
    }
    version += 1;
    stored = { ...given, metadata: { ...given.metadata, resourceVersion: String(version) } };
    return stored;
  };
  const client = (): ApiClient & { reachable: boolean } => {
    const one = {
      reachable: true,
      async call(call: ApiCall) {
        if (!one.reachable) throw new Error('connection refused');
        return answer(call);
      },
      open: () => Promise.reject(new Error('no watch here')),
      close: () => undefined,
    };
    return one;
  };
  return { client, record: () => recordOf(stored ?? {}), stored: () => stored };
}

function contender(api: ApiClient, clock: ManualClock, identity: string, changes: string[] = []): Lease {
  const lease: Lease = startLease({
    ...{ api, clock, identity, timing, namespace: 'edge', name: 'catalog' },
    log: () => undefined,
    metrics: createMetrics('test_'),
    onChange: () => changes.push(`${identity} ${lease.mayWrite() === null ? 'lost' : 'gained'}`),
  });
  return lease;
}

test('the first one takes a lease that nobody holds; the second one waits', async () => {
  const server = leaseServer();
  const clock = manualClock();
  const [one, two] = [contender(server.client(), clock, 'one'), contender(server.client(), clock, 'two')];
  await clock.advance(300_000);
  expect([one.mayWrite()?.fence, two.mayWrite()]).toEqual([0, null]);
});

test('a holder that cannot renew stops writing before anybody else may, and says so', async () => {
  const server = leaseServer();
  const clock = manualClock();
  const changes: string[] = [];
  const [first, second] = [server.client(), server.client()];
  const one = contender(first, clock, 'one', changes);
  await clock.advance(1_000);
  const two = contender(second, clock, 'two', changes);
  await clock.advance(20_000);
  first.reachable = false;
  await clock.advance(39_000);
  expect([one.mayWrite(), two.mayWrite()]).toEqual([null, null]);
  expect(changes).toEqual(['one gained', 'one lost']);
  await clock.advance(60_000);
  expect([one.mayWrite(), two.mayWrite()?.fence]).toEqual([null, 1]);
  first.reachable = true;
  await clock.advance(60_000);
  expect([one.mayWrite(), two.mayWrite()?.fence]).toEqual([null, 1]);
  expect(changes).toEqual(['one gained', 'one lost', 'two gained']);
});

test('the time that is left covers a write that is on its way, and no more', async () => {
  const clock = manualClock();
  const api = leaseServer().client();
  const lease = contender(api, clock, 'one');
  await clock.advance(0);
  api.reachable = false;
  expect(lease.mayWrite()?.leftMs).toBe(60_000);
  await clock.advance(39_999);
  expect(lease.mayWrite()?.leftMs).toBe(20_001);
  await clock.advance(1);
  expect(lease.mayWrite()).toBeNull();
});

test('a lease that is given back is taken at once, with a higher fence', async () => {
  const server = leaseServer();
  const clock = manualClock();
  const [one, two] = [contender(server.client(), clock, 'one'), contender(server.client(), clock, 'two')];
  await clock.advance(1_000);
  await one.stop();
  await clock.advance(18_000);
  expect([one.mayWrite(), two.mayWrite()?.fence]).toEqual([null, 1]);
});

test('a process that starts again under the same name is another holder', async () => {
  const server = leaseServer();
  const clock = manualClock();
  contender(server.client(), clock, 'one');
  await clock.advance(1_000);
  const again = contender(server.client(), clock, 'one');
  await clock.advance(30_000);
  expect(again.mayWrite()).toBeNull();
});

test('labels that others put on the lease stay', async () => {
  const server = leaseServer();
  const clock = manualClock();
  contender(server.client(), clock, 'one');
  await clock.advance(1_000);
  const { metadata, ...rest } = server.stored() ?? {};
  await server
    .client()
    .call({ method: 'PUT', path: '', body: { ...rest, metadata: { ...metadata, labels: { a: 'b' } } } });
  await clock.advance(60_000);
  expect(server.stored()?.metadata).toMatchObject({ labels: { a: 'b' } });
});

test('a shorter time that another program wrote into the lease is not believed', () => {
  expect(microTime(0)).toBe('1970-01-01T00:00:00.000000Z');
  expect(acquire(recordOf({}), 'one', 'now', 1_500).leaseDurationSeconds).toBe(2);
});

/** One turn: how long, which of the three can be reached, and which are paused. */
const turn = fc.record({
  ms: fc.integer({ min: 1_000, max: 90_000 }),
  cutOff: fc.subarray([0, 1, 2]),
  paused: fc.subarray([0, 1, 2]),
});

test('two never may write at the same time, whatever is cut off or paused, even when clocks differ by a tenth', async () => {
  const schedule = fc.array(turn, { minLength: 3, maxLength: 10 });
  const rates = fc.tuple(...[0, 1, 2].map(() => fc.double({ min: 0.9, max: 1.1, noNaN: true })));
  await fc.assert(
    fc.asyncProperty(schedule, rates, async (turns, speeds) => {
      const server = leaseServer();
      const all = speeds.map((rate, index) => {
        const [clock, api] = [manualClock(rate, index * 3_600_000), server.client()];
        return { clock, api, lease: contender(api, clock, `c${index}`) };
      });
      const owed = [0, 0, 0];
      for (const { ms, cutOff, paused } of turns) {
        for (const [index, { api }] of all.entries()) api.reachable = !cutOff.includes(index);
        for (let passed = 0; passed < ms; passed += 1_000) {
          for (const [index, { clock }] of all.entries()) {
            owed[index]! += 1_000;
            if (paused.includes(index)) continue;
            await (owed[index] === 1_000 ? clock.advance(1_000) : clock.jump(owed[index]!));
            owed[index] = 0;
          }
          const writers = all.filter(({ lease }, index) => owed[index] === 0 && lease.mayWrite() !== null);
          expect(writers.length).toBeLessThanOrEqual(1);
        }
      }
    }),
    { numRuns: 40 },
  );
});
