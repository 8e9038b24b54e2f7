import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../../controllers/router/routing-table.ts';
import { type App, type Bench, routeTo, seenOf, startApp, startBench } from './nginx-bench.ts';

const secret = 'supersecret-0123456789';
const key = Buffer.from(secret).toString('base64');
const digest = (text: string) => createHash('sha256').update(text).digest('hex');

let bench: Bench;
let root: App;
let deep: App;

/** The layout of the original's examples, and one route for each further sentence. */
function routes(): readonly Route[] {
  const [a, b] = [root.target, deep.target];
  const locked = { kind: 'apiKey', ring: 'bench' } as const;
  return [
    routeTo(a, 'test.github.com', '/nodejs'),
    routeTo(b, 'test.github.com', '/nodejs/api'),
    routeTo(a, 'test.github.com', '/admin/'),
    routeTo(a, 'test.github.com', '/a%20b'),
    routeTo(a, 'test.github.com', '/key', { protection: locked }),
    routeTo(a, '192.168.0.1', '/'),
    routeTo(a, 'text.test', { kind: 'text', path: '/nodejs' }),
    routeTo(b, 'text.test', { kind: 'text', path: '/nodejs/api/' }),
    routeTo([a, b], 'two.test', '/'),
    routeTo(a, 'exact.test', { kind: 'exact', path: '/only' }),
    routeTo(a, 'exact.test', { kind: 'exact', path: '/slash/' }),
    routeTo(a, '*.wild.test', '/'),
    routeTo(b, 'exact.wild.test', '/b'),
    routeTo(a, 'strip.test', '/app', {}, { rewriteTo: '/' }),
    routeTo(a, 'strip.test', '/move/it', {}, { rewriteTo: '/new' }),
    routeTo(a, 'strip.test', { kind: 'exact', path: '/old' }, {}, { rewriteTo: '/newer' }),
    routeTo(a, 'slash.test', '/pkg', { encodedSlash: 'allow' }),
    routeTo(a, 'slash.test', '/strict'),
    routeTo(a, 'at.test', '/@scope'),
  ];
}

beforeAll(async () => {
  [root, deep] = [await startApp('root'), await startApp('deep')];
  bench = await startBench();
  bench.keys.set('bench', { kind: 'usable', digests: [digest(key)] });
  await bench.serve(routes());
});

afterAll(async () => {
  await bench[Symbol.asyncDispose]();
  await root[Symbol.asyncDispose]();
  await deep[Symbol.asyncDispose]();
});

const ask = (host: string | null, target: string, headers: readonly (readonly [string, string])[] = []) =>
  bench.send({ host, target, headers });

async function seen(host: string, target: string, headers: readonly (readonly [string, string])[] = []) {
  const answer = await ask(host, target, headers);
  expect(answer.status).toBe(200);
  return seenOf(answer);
}

describe('hosts, as the original router has them', () => {
  test('an unknown host gets a closed connection', async () => {
    expect((await ask('nobody.test', '/')).status).toBe(0);
    expect((await bench.send({ host: null, target: '/', bytes: 'GET / HTTP/1.0\r\n\r\n' })).status).toBe(0);
  });

  test('a known host without a route for the path gets 404', async () => {
    expect((await ask('test.github.com', '/other')).status).toBe(404);
    expect((await ask('test.github.com', '/')).status).toBe(404);
  });

  test.each(['TEST.github.com', 'test.github.com:8080', 'test.github.com.'])(
    '%s is the same host, and the app sees it as sent',
    async (host) => {
      expect((await seen(host, '/nodejs')).headers).toMatchObject({ host, 'x-forwarded-host': host });
    },
  );

  test('an address is a host', async () => {
    expect((await seen('192.168.0.1', '/x')).app).toBe('root');
  });

  test('a wildcard takes one label, and an exact host never falls through to it', async () => {
    expect((await seen('a.wild.test', '/b')).app).toBe('root');
    expect((await ask('a.b.wild.test', '/b')).status).toBe(0);
    expect((await ask('wild.test', '/b')).status).toBe(0);
    expect((await ask('exact.wild.test', '/other')).status).toBe(404);
  });

  test('the absolute form stands over the Host field, and the app sees the host that was chosen', async () => {
    const bytes = 'GET http://test.github.com/nodejs/x HTTP/1.1\r\nHost: exact.test\r\nConnection: close\r\n\r\n';
    const answer = await bench.send({ host: null, target: '', bytes });
    expect(seenOf(answer)).toMatchObject({ target: '/nodejs/x', headers: { host: 'test.github.com' } });
  });

  test.each(['a_b|c', 'a..b', '.a', 'a b', '{x}'])('the Host %s is refused', async (host) => {
    expect((await ask(host, '/')).status).toBe(400);
  });

  test.each(['test.github.com:80x', 'test.github.com:80/nodejs', 'test.github.com:80:80'])(
    'the Host %s is refused, though it begins with one that is known',
    async (host) => {
      expect((await ask(host, '/nodejs')).status).toBe(400);
    },
  );
});

describe('paths', () => {
  test.each([
    ['/nodejs', 'root'],
    ['/nodejs/', 'root'],
    ['/nodejs/x?a=1', 'root'],
    ['/nodejs/apis', 'root'],
    ['/nodejs/api', 'deep'],
    ['/nodejs/api/1', 'deep'],
    ['/admin', 'root'],
    ['/admin/x', 'root'],
  ])('%s goes to %s, unchanged', async (target, app) => {
    expect(await seen('test.github.com', target)).toMatchObject({ app, target });
  });

  test.each(['/nodejsfoo', '/NODEJS', '/adminx', '/a%2520b'])('%s is nobody’s', async (target) => {
    expect([400, 404]).toContain((await ask('test.github.com', target)).status);
  });

  test('an escape in a route’s path matches what its author meant', async () => {
    expect(await seen('test.github.com', '/a%20b/c')).toMatchObject({ target: '/a%20b/c' });
  });

  test('an escaped letter is that letter, for the route and for the app', async () => {
    expect(await seen('test.github.com', '/%6eodejs/%66oo')).toMatchObject({ target: '/nodejs/foo' });
  });

  test.each(['/nodejs/%2B%40%3A%5B', '/nodejs/a+b@c', '/nodejs/%C3%A9', '/nodejs/%c3%a9'])(
    '%s reaches the app as it was sent',
    async (target) => {
      expect(await seen('test.github.com', target)).toMatchObject({ target });
    },
  );

  test.each([
    '/x/../nodejs',
    '/nodejs/%2e%2E/x',
    '/nodejs/.',
    '/nodejs//api',
    '//nodejs',
    '/nodejs/..;/x',
    '/nodejs%2fx',
    '/nodejs/..%2fx',
    '/nodejs/%5Cx',
    '/nodejs/\\x',
    '/nodejs/%00',
    '/nodejs/%0d%0aX:1',
    '/nodejs/%3B',
    '/nodejs/%23',
    '/nodejs/%3F',
    '/nodejs/%zz',
    '/nodejs/%',
    '/nodejs#x',
    '/nodejs/\u00e9',
  ])('%s is refused', async (target) => {
    const calls = root.seen.length;
    expect((await ask('test.github.com', target)).status).toBe(400);
    // Host, Upgrade and target are looked at as one text: none of them passes for a part of another.
    for (const upgrade of ['websocket', '/a?', '/a', '?', ' /a?', ' ', '/a? ', 'test.github.com  /a'])
      expect((await ask('test.github.com', target, [['Upgrade', upgrade]])).status, upgrade).toBe(400);
    for (const host of ['test.github.com:80', 'test.github.com:', 'TEST.github.com', 'test.github.com  /a?'])
      expect((await ask(host, target)).status, host).toBe(400);
    expect(root.seen.length).toBe(calls);
  });

  test('a query may hold anything visible', async () => {
    const target = '/nodejs?next=//x/../y&z=%2F%00%5C;\\';
    expect(await seen('test.github.com', target)).toMatchObject({ target });
  });

  test('a text path takes whatever begins with it', async () => {
    expect(await seen('text.test', '/nodejsfoo')).toMatchObject({ app: 'root' });
    expect(await seen('text.test', '/nodejs/api/1')).toMatchObject({ app: 'deep' });
    expect(await seen('text.test', '/nodejs/api')).toMatchObject({ app: 'root' });
  });

  test('an exact path takes itself alone, and no slash is added or taken away', async () => {
    expect((await seen('exact.test', '/only')).app).toBe('root');
    expect((await ask('exact.test', '/only/')).status).toBe(404);
    expect((await seen('exact.test', '/slash/')).app).toBe('root');
    expect((await ask('exact.test', '/slash')).status).toBe(404);
  });

  test('an encoded slash is let in by its route alone, and separates nothing', async () => {
    expect(await seen('slash.test', '/pkg/@s%2Fname')).toMatchObject({ target: '/pkg/@s%2Fname' });
    expect((await ask('slash.test', '/pkg%2Fname')).status).toBe(400);
    expect((await ask('slash.test', '/strict/a%2Fb')).status).toBe(400);
    expect((await ask('slash.test', '/pkg/..%2F..%2Fx')).status).toBe(400);
  });

  test('an escape of another character is not that character', async () => {
    expect((await seen('at.test', '/@scope/x')).app).toBe('root');
    expect((await ask('at.test', '/%40scope/x')).status).toBe(404);
  });
});

describe('what takes the place of a path', () => {
  test.each([
    ['/app', '/'],
    ['/app/', '/'],
    ['/app?q=1', '/?q=1'],
    ['/app/x?q=1', '/x?q=1'],
    ['/app/%2B/%C3%A9', '/%2B/%C3%A9'],
    ['/%61pp/x', '/x'],
    ['/app/%66oo', '/foo'],
  ])('of %s the app sees %s', async (target, inside) => {
    expect(await seen('strip.test', target, [['X-Forwarded-Prefix', '/evil']])).toMatchObject({
      target: inside,
      headers: { 'x-forwarded-prefix': '/app' },
    });
  });

  test.each([
    ['/move/it', '/new'],
    ['/move/it/', '/new/'],
    ['/move/it/x/%2B?q=%2f', '/new/x/%2B?q=%2f'],
    ['/old', '/newer'],
    ['/old?q', '/newer?q'],
  ])('of %s the app sees %s', async (target, inside) => {
    expect(await seen('strip.test', target)).toMatchObject({ target: inside });
  });

  test('nothing is told of a prefix that stays', async () => {
    expect((await seen('test.github.com', '/nodejs', [['X-Forwarded-Prefix', '/evil']])).headers).not.toHaveProperty(
      'x-forwarded-prefix',
    );
  });
});

describe('API keys', () => {
  test.each([
    [],
    [['X-ROUTING-API-KEY', 'wrong']],
    [['X-ROUTING-API-KEY', secret]],
    [['X-ROUTING-API-KEY', key.toLowerCase()]],
    [['X_ROUTING_API_KEY', key]],
  ] as const)('%j is refused', async (...headers) => {
    const given = headers.flat().length === 2 ? [headers.flat() as unknown as readonly [string, string]] : [];
    expect((await ask('test.github.com', '/key', given)).status).toBe(403);
  });

  test('the base64 of the secret passes, under any case of the name, and never reaches the app', async () => {
    const { headers } = await seen('test.github.com', '/key', [['x-RoutIng-Api-Key', key]]);
    expect(headers).not.toHaveProperty('x-routing-api-key');
    expect(JSON.stringify(headers)).not.toContain(key);
  });

  test('a route without a key gets none either', async () => {
    const { headers } = await seen('test.github.com', '/nodejs', [['X-ROUTING-API-KEY', key]]);
    expect(headers).not.toHaveProperty('x-routing-api-key');
  });

  test('a ring that is faulty or gone is 503, and so is a check that nobody answers', async () => {
    bench.keys.set('bench', { kind: 'faulty', why: 'empty' });
    expect((await ask('test.github.com', '/key', [['X-ROUTING-API-KEY', key]])).status).toBe(503);
    bench.keys.delete('bench');
    expect((await ask('test.github.com', '/key', [['X-ROUTING-API-KEY', key]])).status).toBe(503);
    bench.keys.set('bench', { kind: 'usable', digests: [digest('old'), digest(key)] });
    expect((await ask('test.github.com', '/key', [['X-ROUTING-API-KEY', 'old']])).status).toBe(200);
  });
});

describe('headers', () => {
  test('what a client says of itself never arrives, in any spelling', async () => {
    const { headers } = await seen('test.github.com', '/nodejs', [
      ['X-Forwarded-For', '1.2.3.4'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'evil.test'],
      ['x-fORWARDED-user', 'root'],
      ['X_Forwarded_User', 'root'],
      ['X.Forwarded.User', 'root'],
      ['X-Real-Ip', '1.2.3.4'],
      ['Forwarded', 'for=1.2.3.4'],
      ['Remote-User', 'root'],
      ['Proxy', 'http://evil.test'],
      ['X-Original-Url', '/admin'],
    ]);
    expect(headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'test.github.com',
      'x-forwarded-port': '80',
      'x-real-ip': '127.0.0.1',
    });
    const told = Object.keys(headers).filter((name) => !/^x-(forwarded-(for|proto|host|port)|real-ip)$/.test(name));
    expect(told.toSorted()).toEqual(['host']);
  });

  test('an upgrade to h2c is not passed on, nor is one to WebSocket where no route carries it', async () => {
    const h2c = [
      ['Connection', 'Upgrade, HTTP2-Settings'],
      ['Upgrade', 'h2c'],
      ['HTTP2-Settings', 'AAMAAABkAAQAoAAAAAIAAAAA'],
    ] as const;
    const websocket = [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
    ] as const;
    for (const headers of [h2c, websocket]) {
      const got = (await seen('test.github.com', '/nodejs', headers)).headers;
      expect(got).not.toHaveProperty('upgrade');
      expect(got).not.toHaveProperty('http2-settings');
    }
  });

  test('a header that Connection names is not taken off', async () => {
    const locked = await ask('test.github.com', '/key', [
      ['Connection', 'close, X-ROUTING-API-KEY'],
      ['X-ROUTING-API-KEY', 'wrong'],
    ]);
    expect(locked.status).toBe(403);
  });

  test('an app is called by HTTP/1.1 on a connection that is kept', async () => {
    const { httpVersion, headers } = await seen('test.github.com', '/nodejs');
    expect(httpVersion).toBe('1.1');
    expect(headers.connection).toBeUndefined();
  });
});

describe('requests that two readers could read differently', () => {
  test.each([
    [
      'two lengths',
      'POST /nodejs HTTP/1.1\r\nHost: test.github.com\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    ],
    [
      'a length and chunks',
      'POST /nodejs HTTP/1.1\r\nHost: test.github.com\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'an encoding nobody knows',
      'POST /nodejs HTTP/1.1\r\nHost: test.github.com\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
    ],
    ['two hosts', 'GET /nodejs HTTP/1.1\r\nHost: test.github.com\r\nHost: exact.test\r\n\r\n'],
    ['TRACE', 'TRACE /nodejs HTTP/1.1\r\nHost: test.github.com\r\nConnection: close\r\n\r\n'],
  ])('%s are refused', async (_what, bytes) => {
    const calls = root.seen.length;
    expect([400, 405, 501]).toContain((await bench.send({ host: null, target: '', bytes })).status);
    expect(root.seen.length).toBe(calls);
  });
});

test('several pods take turns', async () => {
  const apps = new Set<string>();
  for (let count = 0; count < 8; count += 1) apps.add((await seen('two.test', '/')).app);
  expect([...apps].toSorted()).toEqual(['deep', 'root']);
});
