import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server as SocketServer } from 'socket.io';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Certificate, HostCertificate, Route } from '../../../controllers/router/routing-table.ts';
import { openConnection, requestBytes, valuesOf } from '../../conformance/raw-client.ts';
import { owner } from '../../controllers/router/nginx/tables.ts';
import { type App, type Bench, eventually, freePort, routeTo, seenOf, startApp, startBench } from './nginx-bench.ts';

let bench: Bench;
let app: App;
let auth: App;
let pods: readonly App[];
let sleepy: App;
let silentPort: number;
let endStream: () => void;

function certificate(host: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  try {
    const [key, chain] = [join(folder, 'key'), join(folder, 'crt')];
    const subject = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host}`];
    const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '7'];
    execFileSync('openssl', ['req', '-x509', ...options, ...subject, '-keyout', key, '-out', chain], {
      stdio: 'ignore',
    });
    return { chain: readFileSync(chain, 'utf8'), key: readFileSync(key, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const certified = (name: string, shown: Certificate | 'default'): HostCertificate => ({
  host: name.startsWith('*.') ? { kind: 'wildcard', suffix: name.slice(2) } : { kind: 'exact', name },
  owner: { ...owner, kind: 'Ingress', name },
  certificate: shown,
});

function routes(): readonly Route[] {
  const to = app.target;
  const asks = {
    kind: 'forwardAuth',
    targets: [auth.target],
    authority: 'auth.bench.svc.cluster.local:8000',
    target: '/auth?realm=x',
    responseHeaders: ['X-User', 'X-Empty'],
    timeoutMs: 60_000,
  } as const;
  const cors = {
    origins: ['https://a.test'],
    methods: ['GET', 'PUT'],
    headers: ['X-A'],
    exposeHeaders: ['X-B'],
    credentials: true,
    maxAgeSeconds: 60,
  };
  return [
    routeTo(to, 'auth.test', '/', { protection: asks, removedHeaders: ['Authorization'] }),
    routeTo(to, 'auth.test', '/open'),
    routeTo(to, 'auth.test', '/names', {
      protection: { ...asks, responseHeaders: ['X-Forwarded-User', 'Remote-User'] },
      removedHeaders: ['X-Routing-Api-Key'],
    }),
    routeTo(to, 'auth.test', '/strip', { protection: asks }, { rewriteTo: '/' }),
    routeTo(to, 'auth.test', '/moved', {
      protection: asks,
      action: { kind: 'redirect', status: 307, to: 'https://b.test/$x?y=1' },
    }),
    routeTo(to, 'auth.test', '/empty', { protection: asks, action: { kind: 'unavailable' } }),
    routeTo(to, 'gone.test', '/', { protection: { ...asks, targets: [{ address: '127.0.0.1', port: silentPort }] } }),
    routeTo(to, 'broken.test', '/', { protection: { kind: 'broken', why: 'no Secret' } }),
    routeTo(to, 'basic.test', '/', {
      protection: {
        kind: 'basicAuth',
        realm: 'a "quoted" $realm',
        users: [`alice:${execFileSync('openssl', ['passwd', '-apr1', 'wonderland']).toString().trim()}`],
      },
    }),
    routeTo(to, 'empty.test', '/', { action: { kind: 'unavailable' } }),
    routeTo(to, 'from.test', '/', { allowFrom: ['10.0.0.0/8'] }),
    routeTo(to, 'from.test', '/me', { allowFrom: ['10.0.0.0/8', '127.0.0.0/8'] }),
    routeTo(to, 'cors.test', '/', { cors }),
    routeTo(to, 'cors.test', '/any', { cors: { ...cors, origins: ['*'], credentials: false } }),
    routeTo(to, 'limit.test', '/', { bodyLimitBytes: 1024 }),
    routeTo(to, 'limit.test', '/none'),
    routeTo(sleepy.target, 'slow.test', '/', {}, { responseMs: 300 }),
    routeTo({ address: '127.0.0.1', port: silentPort }, 'down.test', '/'),
    routeTo(
      pods.map(({ target }) => target),
      'sticky.test',
      '/',
      {},
      { sticky: { cookie: 'pod-of' } },
    ),
    routeTo(to, 'ws.test', '/', {}, { websocket: true }),
    routeTo(sleepy.target, 'stream.test', '/', {}, { streaming: true }),
    routeTo(sleepy.target, 'stream.test', '/buffered'),
    routeTo(to, 'tls.test', '/', {
      httpsRedirect: true,
      hsts: { maxAgeSeconds: 60, includeSubdomains: true, preload: false },
    }),
    routeTo(to, 'tls.test', '/.well-known/acme-challenge/token', { httpsRedirect: true, protection: asks }),
    routeTo(to, 'a.wild.test', '/'),
    routeTo(to, 'default.test', '/'),
    routeTo(to, 'plain.test', '/'),
  ];
}

/** Never answers, or begins an answer and ends it when it is told to. */
async function startSleepy(): Promise<App> {
  return startApp('sleepy', ({ target }, response) => {
    if (!target.includes('events')) return;
    if (target.includes('accel')) response.setHeader('X-Accel-Buffering', 'no');
    endStream = () => response.end('last\n');
    response.write('first\n');
  });
}

beforeAll(async () => {
  silentPort = await freePort();
  app = await startApp('app', (seen, response) => {
    if (seen.target.includes('accel-redirect')) response.setHeader('X-Accel-Redirect', '/open');
    if (seen.target.includes('sts')) response.setHeader('Strict-Transport-Security', 'max-age=1');
    if (seen.target.includes('cors-of-its-own')) response.setHeader('Access-Control-Allow-Origin', '*');
    if (seen.target.includes('fails')) response.statusCode = 500;
    response.end(JSON.stringify(seen));
  });
  auth = await startApp('auth', ({ headers }, response) => {
    const status = Number(headers.authorization ?? 401);
    response.writeHead(status, {
      'X-User': 'alice',
      'WWW-Authenticate': 'Bearer realm="x"',
      Location: 'https://evil.test',
    });
    response.end('x'.repeat(100_000));
  });
  pods = [await startApp('one'), await startApp('two'), await startApp('three')];
  sleepy = await startSleepy();
  bench = await startBench();
  const shown = {
    exact: certificate('tls.test'),
    wild: certificate('*.wild.test'),
    usual: certificate('default.bench'),
  };
  await bench.serve(routes(), {
    certificates: [
      certified('tls.test', shown.exact),
      certified('*.wild.test', shown.wild),
      certified('default.test', 'default'),
    ],
    defaultCertificate: shown.usual,
  });
});

afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  for (const one of [app, auth, sleepy, ...pods]) await one[Symbol.asyncDispose]();
});

type Headers = readonly (readonly [string, string])[];
const ask = (host: string, target: string, headers: Headers = [], more = {}) =>
  bench.send({ host, target, headers, ...more });

describe('forward auth', () => {
  test('2xx passes; named headers of the answer stand over what the client sent, and are gone where it has none', async () => {
    const answer = await ask('auth.test', '/x?a=%2F', [
      ['Authorization', '200'],
      ['X-User', 'root'],
      ['X-Empty', 'full'],
      ['X-Other', 'stays'],
    ]);
    const { headers } = seenOf(answer);
    expect(headers).toMatchObject({ 'x-user': 'alice', 'x-other': 'stays' });
    expect(headers).not.toHaveProperty('x-empty');
    expect(headers).not.toHaveProperty('authorization');
  });

  test('it is asked by GET, without the body, for what the client asked', async () => {
    await ask(
      'auth.test',
      '/strip/x?a=%2B',
      [
        ['Authorization', '200'],
        ['X-Forwarded-Uri', '/evil'],
        ['Cookie', 'a=b'],
      ],
      { method: 'POST', body: 'body' },
    );
    expect(auth.seen.at(-1)).toMatchObject({
      method: 'GET',
      target: '/auth?realm=x',
      body: '',
      headers: {
        host: 'auth.bench.svc.cluster.local:8000',
        authorization: '200',
        cookie: 'a=b',
        'x-forwarded-method': 'POST',
        'x-forwarded-uri': '/strip/x?a=%2B',
        'x-forwarded-host': 'auth.test',
        'x-forwarded-for': '127.0.0.1',
      },
    });
    expect(app.seen.at(-1)).toMatchObject({ target: '/x?a=%2B', body: 'body', method: 'POST' });
  });

  test.each([
    ['401', 401],
    ['403', 403],
    ['302', 503],
    ['500', 503],
    ['404', 503],
    ['503', 503],
  ])('%s becomes %i, and the app is not called', async (said, status) => {
    const calls = app.seen.length;
    const answer = await ask('auth.test', '/', [['Authorization', said]]);
    expect(answer.status).toBe(status);
    expect(valuesOf(answer.headers, 'location')).toEqual([]);
    expect(valuesOf(answer.headers, 'www-authenticate')).toEqual(status === 401 ? ['Bearer realm="x"'] : []);
    expect(app.seen.length).toBe(calls);
  });

  test('no answer is 503', async () => {
    expect((await ask('gone.test', '/')).status).toBe(503);
  });

  test('redirects and routes without a pod ask too', async () => {
    expect((await ask('auth.test', '/moved')).status).toBe(401);
    const moved = await ask('auth.test', '/moved/x', [['Authorization', '200']]);
    expect([moved.status, valuesOf(moved.headers, 'location')]).toEqual([307, ['https://b.test/$x?y=1']]);
    expect((await ask('auth.test', '/empty')).status).toBe(401);
    expect((await ask('auth.test', '/empty', [['Authorization', '200']])).status).toBe(503);
  });

  test('a route beside it is open, and gets what its client sent', async () => {
    const { headers } = seenOf(
      await ask('auth.test', '/open', [
        ['Authorization', 'Basic x'],
        ['X-User', 'me'],
      ]),
    );
    expect(headers).toMatchObject({ authorization: 'Basic x', 'x-user': 'me' });
  });

  test('a route that has an identity header vouched for opens that name to no client of another route', async () => {
    const forged = [
      ['X-Forwarded-User', 'root'],
      ['Remote-User', 'root'],
      ['X-Routing-Api-Key', 'guessed'],
    ] as const;
    const { headers } = seenOf(await ask('auth.test', '/open', [...forged]));
    for (const [name] of forged) expect(headers).not.toHaveProperty(name.toLowerCase());
    const asked = seenOf(await ask('auth.test', '/names', [['Authorization', '200'], ...forged]));
    for (const [name] of forged) expect(asked.headers[name.toLowerCase()] ?? '').not.toBe('root');
  });

  test('a 500 of the app itself is the app’s', async () => {
    expect((await ask('auth.test', '/fails', [['Authorization', '200']])).status).toBe(500);
  });
});

describe('other protection', () => {
  test('a broken reference is 503', async () => {
    expect((await ask('broken.test', '/')).status).toBe(503);
  });

  test('basic auth takes users of an htpasswd file', async () => {
    const login = (text: string): Headers => [['Authorization', `Basic ${Buffer.from(text).toString('base64')}`]];
    const refused = await ask('basic.test', '/');
    expect([refused.status, valuesOf(refused.headers, 'www-authenticate')]).toEqual([
      401,
      ['Basic realm="a "quoted" $realm"'],
    ]);
    expect((await ask('basic.test', '/', login('alice:wrong'))).status).toBe(401);
    expect((await ask('basic.test', '/', login('alice:wonderland'))).status).toBe(200);
  });

  test('only listed addresses pass', async () => {
    expect((await ask('from.test', '/')).status).toBe(403);
    expect((await ask('from.test', '/', [['X-Forwarded-For', '10.1.1.1']])).status).toBe(403);
    expect((await ask('from.test', '/me')).status).toBe(200);
  });
});

describe('CORS', () => {
  const preflight: Headers = [['Access-Control-Request-Method', 'PUT']];

  test('preflights are answered by the edge', async () => {
    const calls = app.seen.length;
    const answer = await ask('cors.test', '/', [['Origin', 'https://a.test'], ...preflight], { method: 'OPTIONS' });
    expect(answer.status).toBe(204);
    const header = (name: string) => valuesOf(answer.headers, `access-control-${name}`);
    expect(header('allow-origin')).toEqual(['https://a.test']);
    expect(header('allow-methods')).toEqual(['GET, PUT']);
    expect(header('allow-headers')).toEqual(['X-A']);
    expect(header('allow-credentials')).toEqual(['true']);
    expect(header('max-age')).toEqual(['60']);
    expect(app.seen.length).toBe(calls);
  });

  test('another origin may read nothing, whatever the app says', async () => {
    const answer = await ask('cors.test', '/cors-of-its-own', [['Origin', 'https://b.test']]);
    expect(valuesOf(answer.headers, 'access-control-allow-origin')).toEqual([]);
    expect(valuesOf(answer.headers, 'access-control-allow-credentials')).toEqual([]);
  });

  test('an answer says who may read it', async () => {
    const answer = await ask('cors.test', '/', [['Origin', 'https://a.test']]);
    expect(valuesOf(answer.headers, 'access-control-allow-origin')).toEqual(['https://a.test']);
    expect(valuesOf(answer.headers, 'vary')).toEqual(['Origin']);
    const any = await ask('cors.test', '/any', [['Origin', 'https://b.test']]);
    expect(valuesOf(any.headers, 'access-control-allow-origin')).toEqual(['*']);
  });

  test('OPTIONS without a question is a request like others', async () => {
    expect(seenOf(await ask('cors.test', '/', [], { method: 'OPTIONS' })).method).toBe('OPTIONS');
  });
});

describe('limits', () => {
  test('a body of the limit passes, one byte more is 413', async () => {
    const post = (host: string, target: string, bytes: number) =>
      ask(host, target, [], { method: 'POST', body: 'x'.repeat(bytes) });
    expect((await post('limit.test', '/', 1024)).status).toBe(200);
    expect((await post('limit.test', '/', 1025)).status).toBe(413);
    expect((await post('limit.test', '/none', 3_000_000)).status).toBe(200);
  });

  test('an app that is too slow is 504, one that is not there 502', async () => {
    expect((await ask('slow.test', '/')).status).toBe(504);
    expect((await ask('down.test', '/')).status).toBe(502);
    expect((await ask('empty.test', '/')).status).toBe(503);
  });

  test('a key or cookie of some kilobytes passes', async () => {
    expect((await ask('limit.test', '/', [['Cookie', 'c'.repeat(12_000)]])).status).toBe(200);
  });

  test('an app cannot send a request elsewhere by X-Accel-Redirect', async () => {
    expect(seenOf(await ask('auth.test', '/open/accel-redirect')).target).toBe('/open/accel-redirect');
  });
});

describe('a cookie keeps a client with its pod', () => {
  test('each pod in turn is given, kept, and replaced when it is gone', async () => {
    const first = await ask('sticky.test', '/');
    const [cookie] = valuesOf(first.headers, 'set-cookie');
    expect(cookie).toMatch(/^pod-of=[0-9a-f]{16}; Path=\/; HttpOnly; SameSite=Lax$/);
    const own: Headers = [['Cookie', `other=1; ${cookie?.split(';')[0]}`]];
    const { app: pod } = seenOf(first);
    for (let count = 0; count < 6; count += 1) {
      const again = await ask('sticky.test', '/', own);
      expect(seenOf(again).app).toBe(pod);
      expect(valuesOf(again.headers, 'set-cookie')).toEqual([]);
    }
    expect((await ask('sticky.test', '/', [['Cookie', 'pod-of=0000000000000000']])).status).toBe(200);
  });
});

describe('streams', () => {
  test.each(['/events', '/buffered/events/accel'])(
    'the first piece of %s is there before there is a second one',
    async (target) => {
      const socket = openConnection(bench.door, { host: 'stream.test', target });
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk;
      });
      socket.write(requestBytes({ host: 'stream.test', target }));
      await eventually(
        async () => received,
        (text) => text.includes('first'),
      );
      endStream();
      await eventually(
        async () => received,
        (text) => text.includes('last'),
      );
      socket.destroy();
    },
  );

  test('socket.io works by WebSocket alone', async () => {
    const sockets = new SocketServer(app.server);
    sockets.on('connection', (socket) => socket.on('env', (answer) => answer({ pod: 'app' })));
    const client = io(`http://127.0.0.1:${bench.door.http}`, {
      transports: ['websocket'],
      extraHeaders: { Host: 'ws.test' },
    });
    try {
      await new Promise((resolve, reject) => client.on('connect', () => resolve(null)).on('connect_error', reject));
      expect(await client.emitWithAck('env')).toEqual({ pod: 'app' });
    } finally {
      client.close();
      await sockets.close();
      // It closes its server too.
      await new Promise<void>((resolve) => app.server.listen(app.target.port, '127.0.0.1', resolve));
    }
  });
});

describe('TLS', () => {
  const secure = { scheme: 'https' } as const;

  test('each host shows its certificate, a wildcard that of its own, others the default', async () => {
    const names = async (host: string) => (await ask(host, '/', [], secure)).certificateNames;
    expect(await names('tls.test')).toBe('DNS:tls.test');
    expect(await names('a.wild.test')).toBe('DNS:*.wild.test');
    expect(await names('default.test')).toBe('DNS:default.bench');
    expect(await names('nobody.test')).toBe('DNS:default.bench');
  });

  test('a host without TLS is unknown there', async () => {
    expect((await ask('plain.test', '/', [], secure)).status).toBe(0);
    expect((await ask('plain.test', '/')).status).toBe(200);
  });

  test('plain HTTP gets 308 with host, path and query, and no challenge does', async () => {
    const answer = await ask('TLS.test:8080', '/a%20b?c=d', [], { method: 'POST', body: 'x' });
    expect([answer.status, valuesOf(answer.headers, 'location')]).toEqual([308, ['https://tls.test/a%20b?c=d']]);
    expect((await ask('tls.test', '/.well-known/acme-challenge/token/x')).status).toBe(200);
    expect((await ask('tls.test', '/.well-known/acme-challenge/other')).status).toBe(404);
  });

  test('answers over TLS say Strict-Transport-Security once, as the route does', async () => {
    for (const target of ['/', '/sts', '/fails']) {
      const answer = await ask('tls.test', target, [], secure);
      expect(valuesOf(answer.headers, 'strict-transport-security')).toEqual(['max-age=60; includeSubDomains']);
    }
    expect(valuesOf((await ask('tls.test', '/')).headers, 'strict-transport-security')).toEqual([]);
  });

  test('the app is told', async () => {
    expect(seenOf(await ask('tls.test', '/', [], secure)).headers).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
    });
  });

  test('R17: a request for another host than the handshake named is misdirected', async () => {
    expect((await ask('tls.test', '/', [], { ...secure, serverName: 'a.wild.test' })).status).toBe(421);
  });
});

describe('who the client is', () => {
  test('a PROXY header of a believed balancer says it, and nobody comes without one', async () => {
    const settings = { clientAddress: { kind: 'proxyProtocol', from: ['127.0.0.0/8'] } } as const;
    await using behind = await startBench({ settings });
    await behind.serve([routeTo(app.target, 'a.test', '/')]);
    const send = (head: string) =>
      behind.send({
        host: null,
        target: '',
        bytes: `${head}GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 6.6.6.6\r\nConnection: close\r\n\r\n`,
      });
    const answer = await send('PROXY TCP4 203.0.113.7 127.0.0.1 4000 80\r\n');
    expect(seenOf(answer).headers).toMatchObject({ 'x-real-ip': '203.0.113.7', 'x-forwarded-for': '203.0.113.7' });
    expect((await send('')).status).toBe(0);
  });

  test('a PROXY header of somebody else is not believed', async () => {
    const settings = { clientAddress: { kind: 'proxyProtocol', from: ['10.0.0.0/8'] } } as const;
    await using behind = await startBench({ settings });
    await behind.serve([routeTo(app.target, 'a.test', '/')]);
    const bytes =
      'PROXY TCP4 203.0.113.7 127.0.0.1 4000 80\r\nGET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n';
    expect(seenOf(await behind.send({ host: null, target: '', bytes })).headers).toMatchObject({
      'x-real-ip': '127.0.0.1',
    });
  });

  test('of a believed proxy’s list the last address that is not believed counts', async () => {
    const settings = { clientAddress: { kind: 'header', from: ['127.0.0.0/8', '10.0.0.0/8'] } } as const;
    await using behind = await startBench({ settings });
    await behind.serve([routeTo(app.target, 'a.test', '/', { allowFrom: ['203.0.113.0/24'] })]);
    const send = (list: string) =>
      behind.send({
        host: 'a.test',
        target: '/',
        headers: [
          ['X-Forwarded-For', list],
          ['X-Forwarded-Proto', 'https'],
        ],
      });
    expect(seenOf(await send('6.6.6.6, 203.0.113.7, 10.2.2.2')).headers).toMatchObject({
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-proto': 'https',
    });
    expect((await send('203.0.113.7, 6.6.6.6')).status).toBe(403);
  });
});

test('a connection that the app closed while it was idle costs no request', async () => {
  // Closes every connection right after its first answer without saying so.
  const rude = createTcpServer((socket) => {
    let answered = false;
    socket
      .on('error', () => undefined)
      .on('data', () => {
        if (answered) {
          socket.destroy();
          return;
        }
        answered = true;
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
  });
  await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
  const { port } = rude.address() as { readonly port: number };
  await using own = await startBench({ settings: { workers: 1 } });
  await own.serve([routeTo({ address: '127.0.0.1', port }, 'a.test', '/')]);
  const statuses = [];
  for (let count = 0; count < 6; count += 1) statuses.push((await own.send({ host: 'a.test', target: '/' })).status);
  rude.close();
  expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
});

test('R18: half a request holds no worker', async () => {
  const idle = Array.from({ length: 50 }, () => connect(bench.door.http, '127.0.0.1').on('error', () => undefined));
  for (const socket of idle) socket.write('GET / HTTP/1.1\r\nHost: ');
  expect((await ask('plain.test', '/')).status).toBe(200);
  for (const socket of idle) socket.destroy();
});
