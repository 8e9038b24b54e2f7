import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { createMetrics } from '../../../controllers/gatekeeper/metrics.ts';
import { createCheckServer } from '../../../controllers/gatekeeper/server.ts';
import { mountSecret, secretsFolder } from './mounted-secret.ts';
import { base64, runGatekeeper } from './running.ts';

const secret = 'current-0123456789abcdef';
const apiKey = '/auth/api-key?secret=routing&key=api-key';
const bearer = '/auth/bearer?secret=routing&key=api-key';

async function mounted() {
  const folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', { 'api-key': secret });
  return folder;
}

test('a right key gives 200 and names the caller, by any method', async () => {
  await using folder = await mounted();
  await using gatekeeper = await runGatekeeper(folder.dir);
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const answers = [
      await gatekeeper.check(apiKey, { 'X-ROUTING-API-KEY': base64(secret) }, method),
      await gatekeeper.check(bearer, { Authorization: `Bearer ${secret}` }, method),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.map(({ headers }) => headers.get('x-edgeplane-caller'))).toEqual([
      'routing:api-key',
      'routing:api-key',
    ]);
  }
});

test('a refusal names no caller and carries the challenge of its scheme', async () => {
  await using folder = await mounted();
  await using gatekeeper = await runGatekeeper(folder.dir);
  const seen = async (path: string, headers: Record<string, string>) => {
    const { status, headers: answered } = await gatekeeper.check(path, headers);
    return [status, answered.get('www-authenticate'), answered.get('x-edgeplane-caller')];
  };
  expect(await seen(apiKey, {})).toEqual([403, null, null]);
  expect(await seen(apiKey, { 'X-Routing-Api-Key': secret })).toEqual([403, null, null]);
  expect(await seen(bearer, {})).toEqual([401, 'Bearer realm="edgeplane"', null]);
  const invalid = 'Bearer realm="edgeplane", error="invalid_token"';
  expect(await seen(bearer, { Authorization: 'Bearer x' })).toEqual([401, invalid, null]);
});

test('no answer may be stored', async () => {
  await using folder = await mounted();
  await using gatekeeper = await runGatekeeper(folder.dir);
  for (const path of [apiKey, bearer, '/', '/auth/api-key']) {
    expect((await gatekeeper.check(path)).headers.get('cache-control')).toBe('no-store');
  }
});

test('a path that is no check gives 404', async () => {
  await using folder = await mounted();
  await using gatekeeper = await runGatekeeper(folder.dir);
  for (const path of ['/', '/auth', '/auth/api-key/x', '/healthz', '/metrics', '/AUTH/api-key']) {
    expect((await gatekeeper.check(path, { 'X-ROUTING-API-KEY': base64(secret) })).status).toBe(404);
  }
});

const request = (lines: readonly string[]) => [...lines, 'Host: gatekeeper', 'Connection: close', '', ''].join('\r\n');
const statuses = (text: string) => [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => match[1]);

test('a second key header after two thousand others is still seen', async () => {
  await using folder = await mounted();
  await using gatekeeper = await runGatekeeper(folder.dir);
  const many = Array.from({ length: 2010 }, () => 'a:');
  const key = `X-ROUTING-API-KEY: ${base64(secret)}`;
  const head = [`GET ${apiKey} HTTP/1.1`, 'Host: a', 'Connection: close', key, ...many];
  expect(statuses(await gatekeeper.raw([...head, '', ''].join('\r\n')))).toEqual(['200']);
  const answer = await gatekeeper.raw([...head, 'X-ROUTING-API-KEY: x', '', ''].join('\r\n'));
  expect(statuses(answer)).toEqual(['400']);
});

test('a key in a trailer or in another spelling is no key', async () => {
  await using folder = await mounted();
  await using gatekeeper = await runGatekeeper(folder.dir);
  const key = `X-ROUTING-API-KEY: ${base64(secret)}`;
  const chunked = `POST ${apiKey} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-ROUTING-API-KEY\r\n\r\n0\r\n${key}\r\n\r\n`;
  expect(statuses(await gatekeeper.raw(chunked))).toEqual(['403']);
  const underscored = request([`GET ${apiKey} HTTP/1.1`, `X_ROUTING_API_KEY: ${base64(secret)}`]);
  expect(statuses(await gatekeeper.raw(underscored))).toEqual(['403']);
});

test('a connection is not used again after an announced body, so that no body is read as a request', async () => {
  await using folder = await mounted();
  await using gatekeeper = await runGatekeeper(folder.dir);
  const right = `GET ${apiKey} HTTP/1.1\r\nHost: a\r\nX-ROUTING-API-KEY: ${base64(secret)}\r\n\r\n`;
  const wrong = `GET ${apiKey} HTTP/1.1\r\nHost: a\r\nContent-Length: ${right.length}\r\n\r\n`;
  expect(statuses(await gatekeeper.raw(wrong + right))).toEqual(['403']);
  expect(statuses(await gatekeeper.raw(wrong + right + right))).toEqual(['403']);
});

test('a request head over 8 KiB gives 431, and one below passes', async () => {
  await using folder = await mounted();
  await using gatekeeper = await runGatekeeper(folder.dir);
  const key = `X-ROUTING-API-KEY: ${base64(secret)}`;
  const head = (size: number) => request([`GET ${apiKey} HTTP/1.1`, key, `Cookie: ${'x'.repeat(size)}`]);
  expect(statuses(await gatekeeper.raw(head(7_800)))).toEqual(['200']);
  expect(statuses(await gatekeeper.raw(head(8_300)))).toEqual(['431']);
});

test('what is no HTTP gets 400, and CONNECT leads nowhere', async () => {
  await using folder = await mounted();
  await using gatekeeper = await runGatekeeper(folder.dir);
  expect(statuses(await gatekeeper.raw('nonsense\r\n\r\n'))).toEqual(['400']);
  expect(statuses(await gatekeeper.raw('CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'))).toEqual(['404']);
  const both = `POST ${apiKey} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
  expect(statuses(await gatekeeper.raw(both))).toEqual(['400']);
});

test('an expectation is not waited for', async () => {
  await using folder = await mounted();
  await using gatekeeper = await runGatekeeper(folder.dir);
  for (const expectation of ['100-continue', 'something-else']) {
    const lines = [`POST ${apiKey} HTTP/1.1`, 'Content-Length: 5', `Expect: ${expectation}`];
    expect(statuses(await gatekeeper.raw(request(lines)))).toEqual(['403']);
  }
});

test('a request to upgrade is a check like any other', async () => {
  await using folder = await mounted();
  await using gatekeeper = await runGatekeeper(folder.dir);
  const upgrade = `GET ${apiKey} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n`;
  expect(statuses(await gatekeeper.raw(upgrade))).toEqual(['403']);
});

const listening = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

test('a defect gives 503 and tells the name of the error only', async () => {
  const faults: string[] = [];
  const { server } = createCheckServer({
    snapshot: () => {
      throw new TypeError('with a header in its text');
    },
    draining: () => false,
    metrics: createMetrics(),
    monotonicMs: () => 0,
    onFault: (name) => faults.push(name),
  });
  const answer = await fetch(`http://127.0.0.1:${await listening(server)}${apiKey}`);
  expect([answer.status, await answer.text(), faults]).toEqual([503, 'the check failed\n', ['TypeError']]);
  server.close();
});

test('connections held open make room for new ones', async () => {
  const options = { snapshot: () => new Map(), draining: () => false, metrics: createMetrics(), monotonicMs: () => 0 };
  const { server } = createCheckServer({ ...options, onFault: () => undefined, maxConnections: 8 });
  const port = await listening(server);
  const answers: string[] = [];
  for (let index = 0; index < 40; index += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`GET ${apiKey} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const closed = new Promise((resolve) => socket.once('close', () => resolve('closed')));
    const first = await Promise.race([closed, new Promise((resolve) => socket.once('data', resolve))]);
    answers.push(String(first).slice(0, 12));
  }
  expect(answers).toEqual(answers.map(() => 'HTTP/1.1 503'));
  server.close();
  server.closeAllConnections();
});
