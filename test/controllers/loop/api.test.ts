import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Credentials, kubeconfigAccess, podAccess } from '../../../controllers/loop/access.ts';
import { ApiError, createApiClient } from '../../../controllers/loop/api.ts';
import { manualClock } from './manual-clock.ts';

async function serving(answer: RequestListener, credentials: () => Promise<Credentials> = async () => ({})) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = manualClock();
  const api = createApiClient({
    access: { origin, credentials },
    clock,
    userAgent: 'edgeplane-test/1',
    timing: { answerMs: 200 },
  });
  return {
    api,
    clock,
    async [Symbol.asyncDispose]() {
      api.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What the call is refused with. */
const refusalOf = (call: Promise<unknown>): Promise<ApiError> =>
  call.then(
    () => Promise.reject(new Error('found an answer, expected a refusal')),
    (error: ApiError) => error,
  );

test('a refusal tells status, reason and wait, and none of the words that may repeat what was sent', async () => {
  await using world = await serving((_, response) => {
    response.writeHead(422, { 'retry-after': '3' });
    response.end(JSON.stringify({ reason: 'Invalid', message: 'data.key: Invalid value: "s3cret"' }));
  });
  const error = await refusalOf(
    world.api.call({ method: 'POST', path: '/api/v1/secrets?x=s3cret', body: { key: 's3cret' } }),
  );
  expect(error).toBeInstanceOf(ApiError);
  expect([error.status, error.reason, error.retryAfterMs]).toEqual([422, 'Invalid', 3_000]);
  expect(error.message).toBe('POST /api/v1/secrets: 422 Invalid');
});

test('a refusal that is no object of the API is a refusal all the same', async () => {
  await using world = await serving((_, response) => response.writeHead(502, { 'retry-after': 'soon' }).end('<html>'));
  const error = await refusalOf(world.api.call({ method: 'GET', path: '/x' }));
  expect([error.message, error.retryAfterMs]).toEqual(['GET /x: 502', null]);
});

test('a body is sent with its type, and the program says who it is', async () => {
  const seen: unknown[] = [];
  await using world = await serving(async (request, response) => {
    const text = (await request.toArray()).join('');
    seen.push([request.headers['content-type'], request.headers['user-agent'], text]);
    response.end('{}');
  });
  const contentType = 'application/merge-patch+json';
  await world.api.call({ method: 'PATCH', path: '/x', body: { a: 'ä' }, contentType });
  expect(seen).toEqual([[contentType, 'edgeplane-test/1', '{"a":"ä"}']]);
});

test('credentials are read again after a minute, and kept when they cannot be read just then', async () => {
  const seen: unknown[] = [];
  let read = async (): Promise<Credentials> => ({ token: 'one' });
  await using world = await serving(
    (request, response) => {
      seen.push(request.headers.authorization);
      response.end('{}');
    },
    () => read(),
  );
  const call = () => world.api.call({ method: 'GET', path: '/x' });
  await call();
  read = async () => ({ token: 'two' });
  await call();
  await world.clock.advance(61_000);
  await call();
  read = () => Promise.reject(new Error('ENOENT'));
  await world.clock.advance(61_000);
  await call();
  expect(seen).toEqual(['Bearer one', 'Bearer one', 'Bearer two', 'Bearer two']);
});

test('a 401 with the same credentials as before is told to the caller, after one try', async () => {
  let asked = 0;
  await using world = await serving(
    (_, response) => {
      asked += 1;
      response.writeHead(401).end('{"reason":"Unauthorized"}');
    },
    async () => ({ token: 'one' }),
  );
  await expect(world.api.call({ method: 'GET', path: '/x' })).rejects.toThrow('GET /x: 401 Unauthorized');
  expect(asked).toBe(1);
});

test.each<[string, RequestListener]>([
  ['that never comes', () => undefined],
  ['that stops in the middle', (_, response) => void response.writeHead(200, { 'content-length': '100' }).write('{')],
  [
    'that is cut off',
    (_, response) => void response.writeHead(200, { 'content-length': '100' }).write('{}', () => response.destroy()),
  ],
  ['that is no JSON', (_, response) => void response.end('{')],
])('an answer %s is an error', async (_name, answer) => {
  await using world = await serving(answer);
  await expect(world.api.call({ method: 'GET', path: '/x' })).rejects.toThrow(/./);
});

test('a watch may be silent for longer than an answer may', async () => {
  await using world = await serving((_, response) => {
    response.flushHeaders();
    setTimeout(() => response.end('late'), 500);
  });
  const stream = await world.api.open('/x', new AbortController().signal);
  expect((await stream.toArray()).join('')).toBe('late');
});

test('in a pod, the service account and the environment say how the server is spoken to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'account-'));
  await writeFile(join(folder, 'token'), 'abc\n');
  await writeFile(join(folder, 'ca.crt'), 'PEM');
  const access = podAccess({ KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }, folder);
  expect([access.origin, await access.credentials()]).toEqual(['https://[fd00::1]:443', { ca: 'PEM', token: 'abc' }]);
  await writeFile(join(folder, 'token'), 'def');
  expect(await access.credentials()).toEqual({ ca: 'PEM', token: 'def' });
  await rm(folder, { recursive: true });
});

test('outside a pod it says what is missing', () => {
  expect(() => podAccess({})).toThrow(
    'KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT: found none, none, expected an address and a port; run this in a pod, or name a kubeconfig',
  );
});

const encoded = (text: string) => Buffer.from(text).toString('base64');

async function withKubeconfig<T>(user: object, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  const path = join(folder, 'config');
  await writeFile(join(folder, 'token'), 'from-file\n');
  const config = {
    'current-context': 'here',
    clusters: [
      { name: 'c', cluster: { server: 'https://10.0.0.1:6443/', 'certificate-authority-data': encoded('CA') } },
    ],
    users: [{ name: 'u', user: JSON.parse(JSON.stringify(user).replaceAll('FOLDER', folder)) }],
    contexts: [
      { name: 'here', context: { cluster: 'c', user: 'u' } },
      { name: 'broken', context: { cluster: 'c', user: 'nobody' } },
    ],
  };
  await writeFile(path, JSON.stringify(config));
  return use(path).finally(() => rm(folder, { recursive: true }));
}

test.each<[string, object, Credentials]>([
  ['a token', { token: 't' }, { ca: 'CA', token: 't' }],
  ['the file of a token', { tokenFile: 'FOLDER/token' }, { ca: 'CA', token: 'from-file' }],
  [
    'a certificate',
    { 'client-certificate-data': encoded('CERT'), 'client-key-data': encoded('KEY') },
    { ca: 'CA', cert: 'CERT', key: 'KEY' },
  ],
])('a kubeconfig may hold %s', async (_name, user, credentials) => {
  const access = await withKubeconfig(user, async (path) => {
    const { origin, credentials: read } = await kubeconfigAccess(path);
    return { origin, credentials: await read() };
  });
  expect(access).toEqual({ origin: 'https://10.0.0.1:6443', credentials });
});

test('a kubeconfig that cannot be used says why', async () => {
  await withKubeconfig({ exec: {} }, async (path) => {
    const access = await kubeconfigAccess(path);
    await expect(access.credentials()).rejects.toThrow(/the user signs in by a program; expected a token/);
    await expect(kubeconfigAccess(path, 'broken')).rejects.toThrow(
      /found no whole context broken.*it has broken, here/,
    );
    await expect(kubeconfigAccess(path, 'other')).rejects.toThrow(/found no whole context other/);
  });
});
