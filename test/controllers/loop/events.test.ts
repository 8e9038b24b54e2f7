import { expect, test } from 'vitest';
import { type ApiCall, type ApiClient, ApiError } from '../../../controllers/loop/api.ts';
import { createEventWriter, defaultEventTiming, type Telling } from '../../../controllers/loop/events.ts';
import { createMetrics } from '../../../controllers/loop/metrics.ts';
import { manualClock } from './manual-clock.ts';

interface WrittenEvent {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly note: string;
}

function writing(answer: (call: ApiCall) => void = () => undefined) {
  const clock = manualClock();
  const calls: ApiCall[] = [];
  const lines: string[] = [];
  const api: ApiClient = {
    async call(call) {
      calls.push(call);
      answer(call);
      return {};
    },
    open: () => Promise.reject(new Error('no watch here')),
    close: () => undefined,
  };
  const writer = createEventWriter({
    ...{ api, clock, controller: 'edgeplane-router', instance: 'router-abc' },
    log: (_, event, facts) => lines.push(`${event} ${facts?.message}`),
    metrics: createMetrics('test_'),
  });
  const bodies = () => calls.map((call) => call.body as WrittenEvent);
  return { clock, calls, lines, writer, bodies };
}

const refusal = (name: string, namespace = 'team', note = 'routingPaths: found x, expected PORT:PATH'): Telling => ({
  regarding: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid: 'u1' },
  reason: 'InvalidRoute',
  action: 'Route',
  note,
});

test('an event names the object, the program, and what is wrong', async () => {
  const { clock, calls, writer } = writing();
  writer.tell(refusal('web-0'));
  await clock.advance(1);
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /apis/events.k8s.io/v1/namespaces/team/events',
  ]);
  expect(calls[0]?.body).toMatchObject({
    type: 'Warning',
    reason: 'InvalidRoute',
    reportingController: 'edgeplane-router',
    reportingInstance: 'router-abc',
    eventTime: '1970-01-01T00:00:00.000000Z',
    regarding: { kind: 'Pod', name: 'web-0', uid: 'u1' },
  });
});

test('what is told at every reconcile is written once, and again after half an hour', async () => {
  const { clock, calls, writer } = writing();
  for (let reconcile = 0; reconcile < 600; reconcile += 1) {
    writer.tell(refusal('web-0'));
    await clock.advance(3_000);
  }
  expect(calls).toHaveLength(1);
  writer.tell(refusal('web-0'));
  await clock.advance(1);
  expect(calls).toHaveLength(2);
});

test('another object, another reason, or another note is another event', async () => {
  const { clock, bodies, writer } = writing();
  writer.tell(refusal('web-0'));
  writer.tell(refusal('web-1'));
  writer.tell(refusal('web-0', 'other'));
  writer.tell(refusal('web-0', 'team', 'another'));
  await clock.advance(1);
  expect(new Set(bodies().map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).size).toBe(4);
});

test('an event that another replica has written already is only seen once more', async () => {
  const { clock, calls, bodies, writer } = writing(({ method }) => {
    if (method === 'POST') throw new ApiError('POST events', 409, 'AlreadyExists', null);
  });
  writer.tell(refusal('web-0'));
  await clock.advance(1);
  expect(calls.map(({ method }) => method)).toEqual(['POST', 'PATCH']);
  expect(calls[1]?.path.split('/').at(-1)).toBe(bodies()[0]?.metadata.name);
});

test('a namespace that floods is held back, and no other', async () => {
  const { clock, bodies, writer } = writing();
  for (let pod = 0; pod < 10_000; pod += 1) writer.tell(refusal(`bad-${pod}`, 'flood'));
  writer.tell(refusal('web-0', 'calm'));
  await clock.advance(1);
  const written = bodies().map(({ metadata }) => metadata.namespace);
  expect(written.filter((namespace) => namespace === 'flood')).toHaveLength(defaultEventTiming.bucket.burst);
  expect(written).toContain('calm');
  writer.tell(refusal('bad-9999', 'flood'));
  await clock.advance(10_000);
  writer.tell(refusal('bad-9999', 'flood'));
  await clock.advance(1);
  expect(bodies().filter(({ metadata }) => metadata.name.startsWith('bad-9999'))).toHaveLength(1);
});

test('a server that refuses is left alone for a while, the caller is never told, and the next telling is written', async () => {
  let refusing = true;
  const { clock, calls, lines, writer } = writing(() => {
    if (refusing) throw new ApiError('POST events', 429, 'TooManyRequests', 20_000);
  });
  writer.tell(refusal('web-0'));
  writer.tell(refusal('web-1'));
  await clock.advance(19_000);
  expect([calls.length, lines]).toEqual([1, ['eventFailed POST events: 429 TooManyRequests']]);
  refusing = false;
  await clock.advance(2_000);
  writer.tell(refusal('web-0'));
  await clock.advance(1);
  expect(calls).toHaveLength(3);
});

test('any name and any note make an event that the API accepts', async () => {
  const { clock, bodies, writer } = writing();
  writer.tell(refusal(`${'a'.repeat(229)}.${'b'.repeat(22)}`));
  writer.tell(refusal('System:Odd_Name'));
  writer.tell({
    ...refusal('x', 'team', 'ä€😀'.repeat(400)),
    regarding: { apiVersion: 'v1', kind: 'Node', name: 'n' },
  });
  await clock.advance(1);
  for (const { metadata, note } of bodies()) {
    expect(metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
    expect(metadata.name.length).toBeLessThanOrEqual(253);
    expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1_024);
    expect(note).not.toContain('\ufffd');
  }
  expect(bodies().at(-1)?.metadata.namespace).toBe('default');
});

test('a stopped writer drops what waits', async () => {
  const { clock, calls, writer } = writing(() => {
    throw new Error('connection refused');
  });
  writer.tell(refusal('web-0'));
  writer.tell(refusal('web-1'));
  await clock.advance(1);
  await writer.stop();
  expect(calls).toHaveLength(1);
});
