import { connect } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openConnection, type RawRequest, requestBytes, valuesOf } from '../conformance/raw-client.ts';
import { startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { differences, readReport } from '../conformance/verdict.ts';
import { mainWorld } from '../conformance/worlds.ts';
import { eventually, settled } from './kubectl.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const namespace = 'conformance-streams';
const world = { ...mainWorld, name: 'streams', environment: { ...mainWorld.environment, namespace } };
let driver: TraefikDriver;

beforeAll(async () => {
  driver = await startTraefik(cluster, world);
  await driver.serve(world);
  for (const host of ['ws.test', 'split.test', 'h.test'])
    await settled(
      () => driver.send({ host, target: '/' }),
      (answer) => answer.status === 200,
    );
});

afterAll(async () => {
  await driver.forget(world);
});

/** Everything that comes over a connection, as it comes. */
function reader(socket: Socket): { until: (what: (bytes: Buffer) => boolean) => Promise<Buffer>; pieces: Buffer[] } {
  const pieces: Buffer[] = [];
  socket.on('data', (piece) => pieces.push(piece));
  return {
    pieces,
    until: (what) => eventually(async () => Buffer.concat(pieces), what),
  };
}

const upgrade: RawRequest = {
  host: 'ws.test',
  target: '/chat?room=1',
  headers: [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
    ['Sec-WebSocket-Version', '13'],
  ],
};

/** A masked client frame with the mask 0, which leaves the payload readable. */
function frame(opcode: number, payload: string): Buffer {
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0]), Buffer.from(payload)]);
}

test('V56: a WebSocket route carries text and binary frames both ways', async () => {
  const socket = openConnection(driver.door, upgrade);
  const { until } = reader(socket);
  socket.write(requestBytes(upgrade));
  const head = (await until((bytes) => bytes.includes('\r\n\r\n'))).toString('latin1');
  expect(head).toMatch(/^HTTP\/1\.1 101 /);
  expect(head).toContain('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  socket.write(frame(1, 'hello'));
  socket.write(frame(2, 'bytes'));
  await until((bytes) => bytes.includes('hello') && bytes.includes('bytes'));
  socket.destroy();
});

test('V57: an idle WebSocket stays open beyond the timeouts of requests', async () => {
  const slow: RawRequest = { ...upgrade, host: 'ws.test' };
  const socket = openConnection(driver.door, slow);
  const { until } = reader(socket);
  socket.write(requestBytes(slow));
  await until((bytes) => bytes.includes('\r\n\r\n'));
  await sleep(15_000);
  socket.write(frame(1, 'still here'));
  await until((bytes) => bytes.includes('still here'));
  socket.destroy();
});

test('V58: events arrive one by one, not when the last is there', async () => {
  const request: RawRequest = { host: 'h.test', target: '/?__sse=60x700ms' };
  const socket = openConnection(driver.door, request);
  const { until } = reader(socket);
  socket.write(requestBytes(request));
  const first = (await until((bytes) => bytes.includes('"n":1'))).toString('latin1');
  expect(first).not.toContain('"n":60');
  await until((bytes) => bytes.includes('"n":3'));
  socket.destroy();
});

test('V64: TLS offers HTTP/2', async () => {
  const session = connect(`https://${driver.door.address}:${driver.door.https}`, {
    servername: 'tls.test',
    rejectUnauthorized: false,
  });
  const stream = session.request({ ':path': '/x', ':authority': 'tls.test' });
  let body = '';
  stream.on('data', (chunk) => {
    body += chunk;
  });
  const status = await new Promise((resolve, reject) => {
    stream.on('response', (headers) => resolve(headers[':status']));
    stream.on('error', reject);
  });
  await new Promise((resolve) => stream.on('end', resolve));
  session.close();
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ service: 'a', target: '/x', host: 'tls.test' });
});

test('C62: a target that speaks HTTP/2 without TLS gets HTTP/2', async () => {
  const answer = await driver.send({ host: 'h2c.test', target: '/x' });
  expect(differences({ status: 200, service: 'b' }, answer)).toEqual([]);
  expect(JSON.parse(answer.body)).toMatchObject({ proto: 'HTTP/2.0' });
});

test('C63: over the rate limit is 429, whatever the client says of its address', async () => {
  const statuses: number[] = [];
  for (let count = 0; count < 12; count += 1) {
    const headers = [['X-Forwarded-For', `203.0.113.${count}`]] as const;
    statuses.push((await driver.send({ host: 'rate.test', target: '/', headers })).status);
  }
  const passed = statuses.filter((status) => status === 200).length;
  // Each of the two edge nodes counts for itself.
  expect(passed).toBeLessThanOrEqual(2 * 2);
  expect(statuses.filter((status) => status === 429)).toHaveLength(12 - passed);
});

test('C64: a sticky route sets its cookie once, out of reach of scripts', async () => {
  const answer = await driver.send({ host: 'sticky.test', target: '/' });
  const [cookie = '', ...more] = valuesOf(answer.headers, 'set-cookie');
  expect(more).toEqual([]);
  expect(cookie).toMatch(/^route=[0-9a-f]+;.*HttpOnly/);
  expect(cookie).toMatch(/SameSite=Lax/);
});

test('C65: weights share requests as they say', async () => {
  const services: string[] = [];
  for (let count = 0; count < 40; count += 1)
    services.push(readReport(await driver.send({ host: 'split.test', target: '/' }))?.service ?? 'nobody');
  const toB = services.filter((service) => service === 'b').length;
  expect(services.filter((service) => service === 'a')).toHaveLength(40 - toB);
  // 10 of 40, by two edge nodes that each take turns for themselves.
  expect(toB).toBeGreaterThanOrEqual(8);
  expect(toB).toBeLessThanOrEqual(12);
});

test('the access log names the router of each request and holds no header and no query', async () => {
  const secret = 'conformance-canary-4711';
  const marker = `/canary-${Date.now()}`;
  await driver.send({
    host: 'h.test',
    target: `${marker}?token=${secret}`,
    headers: [
      ['Authorization', `Bearer ${secret}`],
      ['X-ROUTING-API-KEY', secret],
      ['Cookie', `session=${secret}`],
    ],
  });
  const logs = () =>
    driver.kubectl(
      '-n',
      'edgeplane-edge',
      'logs',
      '-l',
      'app.kubernetes.io/name=edgeplane-edge',
      '--since=60s',
      '--tail=-1',
    );
  const text = await eventually(logs, (lines) => lines.includes(marker));
  const line = text.split('\n').find((candidate) => candidate.includes(marker)) ?? '{}';
  expect(JSON.parse(line)).toMatchObject({
    RouterName: expect.stringContaining(`${namespace}_`),
    DownstreamStatus: 200,
  });
  expect(text).not.toContain(secret);
});
