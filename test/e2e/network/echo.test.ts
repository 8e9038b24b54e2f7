import { once } from 'node:events';
import { connect } from 'node:http2';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, kubectlOf, settled } from '../kubectl.ts';
import { sharedCluster } from '../shared-cluster.ts';
import { addressOf, balanced, echoDeployment } from './echoes.ts';
import { type Answer, ask, reportIn } from './outside.ts';

// The conformance suites rest on this backend, so it is proven first, over TCP alone.
const cluster = sharedCluster();
const kubectl = kubectlOf(cluster);
const namespace = 'e2e-echo';
const ports = [
  { name: 'plain', port: 80, targetPort: 8080 },
  { name: 'health', port: 81, targetPort: 8081 },
  { name: 'proxied', port: 82, targetPort: 8090 },
];
let address: string;
let auth: string;

beforeAll(async () => {
  await kubectl.freshNamespace(namespace);
  await kubectl.apply(
    echoDeployment(namespace, 'echo'),
    echoDeployment(namespace, 'auth', { plain: { args: ['-auth'] } }),
    balanced(namespace, 'echo', 'echo', { ports }),
    balanced(namespace, 'auth', 'auth', { ports }),
  );
  for (const name of ['echo', 'auth']) {
    await kubectl('-n', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=90s');
  }
  [address, auth] = [await addressOf(kubectl, namespace, 'echo'), await addressOf(kubectl, namespace, 'auth')];
  const answers = ({ kind }: Answer) => kind === 'answer';
  // Every node forwards, each once it has heard of the pod.
  for (const to of [address, auth])
    for (const port of [80, 81]) await settled(() => ask({ address: to, port }), answers);
});
afterAll(() => kubectl.drop(namespace));

test('the request target is told byte for byte', async () => {
  const path = '/a//b/../%2e%2E/%2Fc;d=1/?q=%20+&&=';
  expect(reportIn(await ask({ address, path }))?.target).toBe(path);
});

test('headers are told in their order and spelling, repetitions included', async () => {
  const headers = ['x_auth_user', 'mallory', 'X-Auth-User', 'one', 'x-AUTH-user', 'two'];
  const told = reportIn(await ask({ address, headers }))?.headers.filter(([name]) => /auth/i.test(name));
  expect(told).toEqual([
    ['x_auth_user', 'mallory'],
    ['X-Auth-User', 'one'],
    ['x-AUTH-user', 'two'],
  ]);
});

test('headers are told anew for each request of a connection', async () => {
  const connection = createConnection(80, address);
  const ended = text(connection);
  const one = (name: string, close: string) =>
    `POST /${name} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX-${name}: 1\r\n${close}\r\nabc`;
  connection.write(one('first', ''));
  await once(connection, 'readable');
  connection.write(one('second', 'Connection: close\r\n'));
  const reports = (await ended)
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  expect(reports.map((report) => report.headers.map(([name]: readonly [string]) => name))).toEqual([
    ['Host', 'Content-Length', 'X-first'],
    ['Host', 'Content-Length', 'X-second', 'Connection'],
  ]);
  expect(reports.map((report) => report.bodyLength)).toEqual([3, 3]);
});

test('a status, headers, cookies and a size can be asked for on any path', async () => {
  const path =
    '/any/path?__status=503&__header=X-A:1&__header=X-B:%202&__set-cookie=a=b&__set-cookie=c=d&__bytes=70000';
  const answer = await ask({ address, path });
  expect(answer).toMatchObject({
    status: 503,
    headers: { 'x-a': '1', 'x-b': '2', 'set-cookie': ['a=b', 'c=d'], 'content-length': '70000' },
  });
  expect(answer.kind === 'answer' && answer.body.length).toBe(70_000);
});

test('a connection can be cut without an answer', async () => {
  expect(await ask({ address, path: '/?__abort=1' })).toMatchObject({ kind: 'failed' });
});

test('server-sent events come one by one', async () => {
  const connection = createConnection(80, address);
  connection.write('GET /?__sse=60x500ms HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  let received = '';
  connection.setEncoding('utf8').on('data', (chunk: string) => {
    received += chunk;
  });
  const events = async () => received.match(/data: /g)?.length ?? 0;
  expect(await eventually(events, (count) => count > 0)).toBeLessThan(60);
  expect(await eventually(events, (count) => count > 1)).toBeLessThan(60);
  connection.destroy();
});

test('a websocket gives back text and binary frames, masked ones unmasked', async () => {
  const connection = createConnection(80, address);
  const handshake = [
    'GET /ws HTTP/1.1',
    'Host: a',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
  ];
  connection.write(`${handshake.join('\r\n')}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
  const [head] = (await once(connection, 'data')) as [Buffer];
  expect(head.toString()).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='); // RFC 6455, section 1.3
  for (const kind of [0x81, 0x82]) {
    const payload = Buffer.from('hello');
    connection.write(
      Buffer.from([kind, 0x80 | payload.length, 1, 2, 3, 4, ...payload.map((byte, i) => byte ^ ((i % 4) + 1))]),
    );
    const [frame] = (await once(connection, 'data')) as [Buffer];
    expect(frame).toEqual(Buffer.from([kind, payload.length, ...payload]));
  }
  connection.destroy();
});

test('HTTP/2 without TLS is spoken to those who begin with it', async () => {
  const session = connect(`http://${address}`);
  const stream = session.request({ ':path': '/two', 'x-a': '1' });
  const report = JSON.parse(await text(stream.setEncoding('utf8')));
  session.close();
  expect(report).toMatchObject({ proto: 'HTTP/2.0', target: '/two', headersAsArrived: false });
});

test('a connection without a PROXY header is closed where one is required', async () => {
  expect(await ask({ address, port: 82 })).toMatchObject({ kind: 'failed' });
});

test.each([
  ['good', 200],
  ['forbidden', 403],
  ['redirect', 302],
  ['broken', 500],
  ['unknown', 401],
])('the auth server answers a %s token with %i', async (token, status) => {
  const answer = await ask({ address: auth, headers: ['Authorization', `Bearer ${token}`] });
  expect(answer).toMatchObject({ status });
  const headers = answer.kind === 'answer' ? answer.headers : {};
  expect([headers['x-auth-user'], headers['www-authenticate'], headers.location].filter(Boolean)).toHaveLength(
    [200, 401, 302].includes(status) ? 1 : 0,
  );
});

test('what was asked can be read afterwards, and forgotten', async () => {
  const asked = async () =>
    JSON.parse(((await ask({ address: auth, port: 81, path: '/__asked' })) as { body: string }).body);
  await ask({ address: auth, port: 81, path: '/__asked', method: 'DELETE' });
  await ask({ address: auth, path: '/check', headers: ['X-Forwarded-Uri', '/shop'] });
  expect(await asked()).toMatchObject([
    { target: '/check', headers: expect.arrayContaining([['X-Forwarded-Uri', '/shop']]) },
  ]);
  await ask({ address: auth, port: 81, path: '/__asked', method: 'DELETE' });
  expect(await asked()).toEqual([]);
});

test('a request in flight is finished when its pod is told to go', async () => {
  const connection = createConnection(80, address);
  connection.write('GET /?__sse=8x500ms HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await once(connection, 'readable');
  const slow = text(connection);
  await kubectl('-n', namespace, 'delete', 'pod', '-l', 'app=echo', '--wait=false');
  expect((await slow).match(/data: /g)).toHaveLength(8);
});
