import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type AuthQuestion, sidecarUrl } from '../../../../components/dialects/edge-sidecar.ts';
import type { AskParts } from '../../../../controllers/gatekeeper/sidecar/ask.ts';
import { parseSidecarFlags } from '../../../../controllers/gatekeeper/sidecar/flags.ts';
import { createFindAddresses } from '../../../../controllers/gatekeeper/sidecar/names.ts';
import { startSidecar } from '../../../../controllers/gatekeeper/sidecar/sidecar.ts';
import { startNameServer } from './name-server.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function authService(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/check`;
}

async function sidecar(parts: AskParts = {}) {
  const running = await startSidecar({ port: 0, healthPort: 0 }, () => {}, parts);
  stops.push(running.stop);
  return running;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const told = ['X-Forwarded-Proto', 'https', 'X-Forwarded-Host', 'shop.test', 'X-Forwarded-Uri', '/p?x=1&y=2'];

async function request(port: number, path: string, headers: readonly string[] = told): Promise<Answer> {
  const sent = get({ host: '127.0.0.1', port, path, headers: ['Host', 'sidecar', ...headers], agent: false });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

async function ask(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  changes: Partial<AuthQuestion> = {},
  headers: readonly string[] = [],
): Promise<Answer> {
  const url = await authService(answer);
  const question = {
    kind: 'auth',
    url,
    timeoutMs: 2_000,
    responseHeaders: ['X-User'],
    signIn: null,
    ...changes,
  } as const;
  const { port } = await sidecar();
  return request(port, sidecarUrl(question).replace(/^http:\/\/[^/]+/, ''), [...told, ...headers]);
}

const status = (code: number, headers: Readonly<Record<string, string>> = {}, body = 'words') => {
  return (_: IncomingMessage, response: ServerResponse) => response.writeHead(code, headers).end(body);
};

test('2xx passes with the named headers and no other', async () => {
  const answer = await ask(status(204, { 'X-User': 'alice', 'X-Role': 'root', Host: 'evil.test' }, ''));
  expect(answer).toMatchObject({ status: 200, headers: { 'x-user': 'alice' } });
  expect(Object.keys(answer.headers)).not.toContain('x-role');
  expect(Object.keys(answer.headers)).not.toContain('host');
});

test.each([401, 403])('%i comes back as it is, with its challenge, cookies and body', async (code) => {
  const answer = await ask(
    status(code, { 'WWW-Authenticate': 'Bearer', 'Set-Cookie': 'a=b', 'Keep-Alive': 'timeout=9' }),
  );
  expect(answer).toMatchObject({ status: code, body: 'words', headers: { 'www-authenticate': 'Bearer' } });
  expect(answer.headers['set-cookie']).toEqual(['a=b']);
  expect(answer.headers['keep-alive']).not.toBe('timeout=9');
});

test.each([301, 302, 307, 400, 404, 418, 429, 500, 503])('%i of an auth service is a 500', async (code) => {
  const answer = await ask(status(code, { Location: 'https://evil.test/' }));
  expect(answer.status).toBe(500);
  expect(answer.headers.location).toBeUndefined();
});

test('a 401 becomes a redirect to the sign-in with the way back, encoded once', async () => {
  const answer = await ask(status(401), { signIn: 'https://login.test/start?app=shop' });
  expect(answer.status).toBe(302);
  const location = new URL(answer.headers.location as string);
  expect(location.searchParams.get('app')).toBe('shop');
  expect(location.searchParams.get('rd')).toBe('https://shop.test/p?x=1&y=2');
});

test('a sign-in changes nothing about a 403', async () => {
  expect((await ask(status(403), { signIn: 'https://login.test/' })).status).toBe(403);
});

test('no answer in time is a 500, and the auth service is left alone', async () => {
  let closed = false;
  const answer = await ask((_, response) => response.on('close', () => (closed = true)), { timeoutMs: 100 });
  expect(answer.status).toBe(500);
  await sleep(50);
  expect(closed).toBe(true);
});

test('half an answer in time is a 500', async () => {
  const half = (_: IncomingMessage, response: ServerResponse) =>
    response.writeHead(403, { 'Content-Length': 10 }).write('x');
  expect((await ask(half, { timeoutMs: 200 })).status).toBe(500);
});

test('nobody at the address is a 500', async () => {
  expect((await ask(status(200), { url: 'http://127.0.0.1:1/' })).status).toBe(500);
});

test('a connection that ends without an answer is a 500', async () => {
  expect((await ask((_, response) => response.destroy())).status).toBe(500);
});

test('an endless answer is cut: 200 passes, 403 is a 500', async () => {
  const endless = (code: number) => (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(code, { 'X-User': 'alice' });
    const pump = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', pump);
    pump();
  };
  expect((await ask(endless(200))).headers['x-user']).toBe('alice');
  expect((await ask(endless(403))).status).toBe(500);
});

test('the auth service sees what the client sent, its own host, and nothing about connections', async () => {
  const seen: IncomingMessage[] = [];
  const headers = ['Authorization', 'Bearer a', 'X-Two', '1', 'X-Two', '2', 'Connection', 'X-Gone', 'X-Gone', '1'];
  await ask(
    (incoming, response) => {
      seen.push(incoming);
      response.end();
    },
    {},
    headers,
  );
  expect(seen[0]).toMatchObject({ method: 'GET', url: '/check' });
  expect(seen[0]?.headers).toMatchObject({
    authorization: 'Bearer a',
    'x-two': '1, 2',
    'x-forwarded-uri': '/p?x=1&y=2',
  });
  expect(seen[0]?.headers.host).toMatch(/^127\.0\.0\.1:/);
  expect(seen[0]?.headers['x-gone']).toBeUndefined();
});

test('a kept connection that the auth service has closed costs nobody an answer', async () => {
  const url = await authService((_, response) => {
    response.end();
    setImmediate(() => response.socket?.destroy());
  });
  const question = { kind: 'auth', url, timeoutMs: 2_000, responseHeaders: [], signIn: null } as const;
  const { port } = await sidecar();
  const target = sidecarUrl(question).replace(/^http:\/\/[^/]+/, '');
  const statuses: number[] = [];
  for (let count = 0; count < 20; count += 1) statuses.push((await request(port, target)).status);
  expect(new Set(statuses)).toEqual(new Set([200]));
});

const questionTo = (url: string, timeoutMs: number) =>
  sidecarUrl({ kind: 'auth', url, timeoutMs, responseHeaders: [], signIn: null }).replace(/^http:\/\/[^/]+/, '');

test('clients of an auth host whose name never resolves do not disturb those of a healthy one', async () => {
  const server = await startNameServer({ 'slow.test': 'silent', 'healthy.test': { addresses: ['127.0.0.1'], ttl: 1 } });
  stops.push(server.stop);
  const find = createFindAddresses({ resolvConf: '', hosts: '', servers: [server.address] });
  const { port } = await sidecar({ find });
  const healthy = (await authService(status(200))).replace('127.0.0.1', 'healthy.test');
  const slow = Array.from({ length: 8 }, () => request(port, questionTo('http://slow.test/', 1_500)));
  for (let count = 0; count < 20; count += 1) {
    expect((await request(port, questionTo(healthy, 1_000))).status).toBe(200);
  }
  for (const { status } of await Promise.all(slow)) expect(status).toBe(500);
});

test('the deadline of a question holds for the name too', async () => {
  const { port } = await sidecar({ find: () => new Promise(() => {}) });
  const started = performance.now();
  expect((await request(port, questionTo('http://slow.test/', 200))).status).toBe(500);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test('an auth service that too many wait for is a 503 with a time to come back', async () => {
  const { port } = await sidecar({ bounds: { asking: 1, waiting: 1 } });
  const url = await authService((_, response) => setTimeout(() => response.end(), 500));
  const answers = await Promise.all([1, 2, 3, 4].map(() => request(port, questionTo(url, 5_000))));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 503, 503]);
  expect(answers.find(({ status }) => status === 503)?.headers['retry-after']).toBe('1');
});

test('what is no question, or about no usable request, never passes', async () => {
  const { port } = await sidecar();
  expect((await request(port, '/')).status).toBe(500);
  const redirect = '/redirect?status=308&scheme=https';
  expect((await request(port, redirect, [])).status).toBe(400);
  expect((await request(port, redirect)).headers.location).toBe('https://shop.test/p?x=1&y=2');
});

test('health and counts have a port of their own, and the questions one that only loopback reaches', async () => {
  const { port, healthPort } = await sidecar();
  await request(port, '/redirect?status=308&scheme=https');
  expect((await request(healthPort, '/healthz')).status).toBe(200);
  const metrics = (await request(healthPort, '/metrics')).body;
  expect(metrics).toContain('edgeplane_sidecar_answers_total{outcome="redirected"} 1');
  expect(metrics).toContain('edgeplane_sidecar_answers_total{outcome="passed"} 0');
});

test('flags: ports, each once; everything else is told by its place and not repeated', () => {
  expect(parseSidecarFlags([])).toEqual({ ok: true, flags: { port: 8082, healthPort: 8083 } });
  expect(parseSidecarFlags(['--port=0', '--health-port=1'])).toEqual({ ok: true, flags: { port: 0, healthPort: 1 } });
  const bad = parseSidecarFlags(['--port=1', '--port=2', '--secret=hunter2', '--health-port=70000']);
  expect(bad).toEqual({
    ok: false,
    problems: [
      '--port: found twice, expected once',
      expect.stringContaining('argument 3: expected'),
      expect.stringContaining('argument 4: expected'),
    ],
  });
});
