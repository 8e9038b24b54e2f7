import { expect, test } from 'vitest';
import { type ConsulClient, ConsulError, ConsulUnavailable } from '../../../controllers/catalog/consul/client.ts';
import { fence, type Operation } from '../../../controllers/catalog/consul/operation.ts';
import { desired } from '../../../controllers/catalog/desired.ts';
import type { Settings } from '../../../controllers/catalog/model.ts';
import { type Actual, plan } from '../../../controllers/catalog/plan.ts';
import { transactionsOf, type Unit, unitsOf } from '../../../controllers/catalog/units.ts';
import { LockLost, writeUnits } from '../../../controllers/catalog/write.ts';
import { node, service, settings, stateOf, twoNodes } from './cluster-state.ts';

const empty: Actual = { nodes: new Map(), instances: new Map(), names: new Map() };
const options = { owner: settings.owner, joinsForeign: false };
const views = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    service(`s${String(index).padStart(3, '0')}`, {
      ports: [{ name: '', port: 80, nodePort: 30_000 + index, protocol: 'TCP' }],
    }),
  );
const unitsFor = (count: number, nodes = twoNodes, by: Settings = settings) =>
  unitsOf(plan(desired(stateOf(views(count), nodes), by), empty, options));

const fenced = fence('lock', 'session');

/** Answers each transaction; `answer` sees the ids of its instances. */
async function write(units: readonly Unit[], answer: (text: string, call: number) => object) {
  const sent: Operation[][] = [];
  const client: ConsulClient = {
    close: () => undefined,
    async send({ body }) {
      const operations = body as Operation[];
      sent.push(operations);
      return { status: 200, headers: {}, body: answer(JSON.stringify(operations), sent.length) };
    },
  };
  const failures = await writeUnits(units, {
    client,
    fence: fenced,
    onWritten: () => undefined,
    signal: new AbortController().signal,
  });
  return { sent, failures };
}

const applied = { Results: [], Errors: null };

test('nodes come first, then services by name, each whole in one transaction', () => {
  const units = unitsFor(3);
  expect(units.map(({ label }) => label)).toEqual([
    'node k8s.test.default.n1',
    'node k8s.test.default.n2',
    'service s000',
    'service s001',
    'service s002',
  ]);
});

test('no transaction has more than 64 operations with its fence, and none is nearly empty', () => {
  const transactions = transactionsOf(unitsFor(200));
  const sizes = transactions.map((units) => units.flatMap(({ operations }) => operations).length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(63);
  expect(transactions.length).toBeLessThanOrEqual(Math.ceil(804 / 60));
});

test('a transaction holds at most 400 KiB', () => {
  const annotations = { 'traefik.io/http.routers.a.rule': `Path(\`/${'x'.repeat(30_000)}\`)` };
  const nodes = Array.from({ length: 20 }, (_, index) => node(`n${index}`, `10.0.0.${index + 1}`));
  const wanted = desired(stateOf([service('a', { annotations })], nodes), settings);
  for (const units of transactionsOf(unitsOf(plan(wanted, empty, options)))) {
    expect(JSON.stringify(units.map(({ operations }) => operations)).length).toBeLessThan(410 * 1024);
  }
});

test('what a service gains and what it loses are one transaction; what is only lost comes last', () => {
  const wanted = desired(stateOf(views(2)), settings);
  const known = [...wanted.registrations.values()].map(
    ({ id, service: name, node: on, address, port, tags, meta }) => ({
      ...{ id, service: name, node: on, address, port, tags, meta },
      modifyIndex: 5,
      check: null,
    }),
  );
  const actual: Actual = {
    ...empty,
    instances: new Map(known.map((entry) => [`${entry.node}\n${entry.id}`, entry])),
    names: new Map([
      ['s000', []],
      ['s001', []],
    ]),
  };
  const moved = views(2).map((view, index) => ({
    ...view,
    name: index === 0 ? 's001' : 's002',
    ports: [{ name: '', port: 80, nodePort: 32_000 + index, protocol: 'TCP' }],
  }));
  const verbs = unitsOf(plan(desired(stateOf(moved), settings), actual, options)).map(({ label, operations }) => [
    label,
    operations.map((operation) => Object.values(operation)[0].Verb).join(' '),
  ]);
  expect(verbs.slice(2)).toEqual([
    ['service s001', 'cas cas cas cas delete-cas delete-cas'],
    ['service s002', 'cas cas cas cas'],
    ['service s000', 'delete-cas delete-cas'],
  ]);
});

test('every transaction begins with the fence', async () => {
  const { sent, failures } = await write(unitsFor(100), () => applied);
  expect(failures).toEqual([]);
  expect(sent.length).toBeGreaterThan(5);
  for (const operations of sent) expect(operations[0]).toEqual(fenced);
});

test('without the lock nothing more is sent', async () => {
  const units = unitsFor(100);
  const lost = { Results: null, Errors: [{ OpIndex: 0, What: 'failed session check' }] };
  let calls = 0;
  await expect(
    write(units, (_, call) => {
      calls = call;
      return call < 3 ? applied : lost;
    }),
  ).rejects.toThrow(LockLost);
  expect(calls).toBe(3);
});

test('an item that Consul refuses is left out, and the rest is written', async () => {
  const refused = (text: string) => {
    const at = (JSON.parse(text) as Operation[]).findIndex((operation) => JSON.stringify(operation).includes('s037'));
    return at < 0 ? applied : { Errors: [{ OpIndex: at, What: 'Permission denied: token lacks service:write' }] };
  };
  const written = new Set<string>();
  const { failures } = await write(unitsFor(100, [node('n1', '10.0.0.1')]), (text) => {
    const answer = refused(text);
    if (answer === applied) for (const [id] of text.matchAll(/s\d{3}-10/g)) written.add(id);
    return answer;
  });
  expect(failures).toEqual([
    { label: 'service s037', reason: 'denied', detail: 'Permission denied: token lacks service:write' },
  ]);
  expect(written.size).toBe(99);
});

test('F28: an item that fails with 500 is found by halves, and the rest is written', async () => {
  const written = new Set<string>();
  const { failures, sent } = await write(unitsFor(100, [node('n1', '10.0.0.1')]), (text) => {
    if (text.includes('s037')) throw new ConsulError('PUT /v1/txn', 500, 'boom');
    for (const [id] of text.matchAll(/s\d{3}-10/g)) written.add(id);
    return applied;
  });
  expect(failures).toEqual([{ label: 'service s037', reason: 'error', detail: '500 boom' }]);
  expect(written.size).toBe(99);
  expect(sent.length).toBeLessThan(30);
});

test('a service whose one instance fails has its others written, when they contradict nothing', async () => {
  const written = new Set<string>();
  const { failures } = await write(unitsFor(1), (text) => {
    if (text.includes('s000-10.132.0.3')) throw new ConsulError('PUT /v1/txn', 500, 'boom');
    for (const [id] of text.matchAll(/s000-[0-9.]+:\d+/g)) written.add(id);
    return applied;
  });
  expect(failures.map(({ label }) => label)).toEqual(['service s000']);
  expect([...written]).toEqual(['s000-10.132.0.2:30000']);
});

test('a Consul that answers nothing but 500 is given up after a bounded number of requests', async () => {
  let calls = 0;
  const failing = write(unitsFor(500), (_, call) => {
    calls = call;
    throw new ConsulError('PUT /v1/txn', 500, 'boom');
  });
  await expect(failing).rejects.toThrow(ConsulUnavailable);
  expect(calls).toBeLessThan(50);
});
