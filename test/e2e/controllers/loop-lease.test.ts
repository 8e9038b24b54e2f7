import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApiClient } from '../../../controllers/loop/api.ts';
import { systemClock } from '../../../controllers/loop/clock.ts';
import { createEventWriter } from '../../../controllers/loop/events.ts';
import { type Lease, startLease } from '../../../controllers/loop/lease.ts';
import { createMetrics } from '../../../controllers/loop/metrics.ts';
import { type ApiServer, startApiServer } from '../../kube-apiserver.ts';
import { eventually } from '../kubectl.ts';
import { startApiProxy } from './api-proxy.ts';
import { mapsIn } from './running.ts';

let server: ApiServer;
const children: ChildProcess[] = [];

beforeAll(async () => {
  server = await startApiServer();
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await server?.[Symbol.asyncDispose]();
});

const clock = systemClock;
const clientOf = (access = server.access) => createApiClient({ access, clock, userAgent: 'edgeplane-test' });

const leaseOf = (api: ReturnType<typeof clientOf>, namespace: string, identity: string): Lease =>
  startLease({
    ...{ api, namespace, name: 'writer', identity, clock, log: () => undefined, metrics: createMetrics('test_') },
    timing: { leaseMs: 6_000, writeMs: 4_000, retryMs: 1_000 },
  });

const fenceOf = (lease: Lease) => async () => lease.mayWrite()?.fence ?? null;

test('a lease whose holder is cut off is taken over with a higher fence, after the holder has stopped writing', async () => {
  await mapsIn(server, 'taken');
  await using proxy = await startApiProxy(server.access);
  const [first, second] = [clientOf(proxy.access), clientOf()];
  const one = leaseOf(first, 'taken', 'one');
  await eventually(fenceOf(one), (fence) => fence === 0);
  const two = leaseOf(second, 'taken', 'two');
  proxy.stall();
  let both = 0;
  await eventually(
    async () => {
      if (one.mayWrite() !== null && two.mayWrite() !== null) both += 1;
      return two.mayWrite()?.fence ?? null;
    },
    (fence) => fence === 1,
  );
  expect([one.mayWrite(), both]).toEqual([null, 0]);
  proxy.flow();
  await two.stop();
  await eventually(fenceOf(one), (fence) => fence === 2);
  await one.stop();
  first.close();
  second.close();
});

/** A writer in a process of its own, and the lines it has said so far. */
function startWriter(namespace: string, identity: string) {
  const program = join(__dirname, 'lease-writer.ts');
  const args = ['--import', 'tsx', program, server.kubeconfig, namespace, identity];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return { child, lines: () => text.split('\n').slice(0, -1) };
}

test('a leader that was paused until another took over writes no more when it goes on', async () => {
  const maps = await mapsIn(server, 'stale');
  await maps.put('written', '');
  const one = startWriter('stale', 'one');
  await eventually(
    async () => one.lines(),
    (lines) => lines.includes('wrote 0'),
  );
  const two = startWriter('stale', 'two');
  one.child.kill('SIGSTOP');
  await eventually(
    async () => two.lines(),
    (lines) => lines.includes('wrote 1'),
  );
  const before = one.lines().length;
  one.child.kill('SIGCONT');
  await eventually(
    async () => one.lines(),
    (lines) => lines.includes('leaseLost'),
  );
  const since = two.lines().length;
  await eventually(
    async () => two.lines(),
    (lines) => lines.length >= since + 20,
  );
  // One answer may have been on its way when it was paused.
  expect(
    one
      .lines()
      .slice(before)
      .filter((line) => line !== 'leaseLost').length,
  ).toBeLessThanOrEqual(1);
  const written = (await server.api.get('/api/v1/namespaces/stale/configmaps/written')) as { readonly data: object };
  expect(written.data).toMatchObject({ fence: '1', by: 'two' });
});

test('an event is accepted by the API, and is one event however many replicas tell it', async () => {
  const maps = await mapsIn(server, 'told');
  await maps.put('bad', '1');
  const replicas = ['router-a', 'router-b'].map((instance) => {
    const [api, metrics] = [clientOf(), createMetrics('test_')];
    const options = { api, instance, clock, metrics, controller: 'edgeplane-router', log: () => undefined };
    return { api, metrics, writer: createEventWriter(options) };
  });
  const regarding = { apiVersion: 'v1', kind: 'ConfigMap', name: 'bad', namespace: 'told' };
  for (const { writer, metrics } of replicas) {
    writer.tell({ regarding, reason: 'InvalidRoute', action: 'Route', note: `found ${'ä'.repeat(2_000)}` });
    await eventually(
      async () => metrics.render(),
      (text) => text.includes('test_events_written_total{outcome="written"} 1'),
    );
  }
  const path = '/apis/events.k8s.io/v1/namespaces/told/events';
  const { items } = (await server.api.get(path)) as { readonly items: readonly object[] };
  expect(items).toHaveLength(1);
  expect(items[0]).toMatchObject({ reason: 'InvalidRoute', type: 'Warning', series: { count: 2 } });
  for (const { api, writer } of replicas) {
    await writer.stop();
    api.close();
  }
});
