import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { refusedTargets, routeFaults } from '../../../../controllers/router/nginx/validate.ts';
import type { Forward, Route } from '../../../../controllers/router/routing-table.ts';
import { owner, route, settings } from './tables.ts';

const refused = refusedTargets(settings);
const reasons = (one: Route) => routeFaults(one, refused).map(({ reason }) => reason);
const withPath = (path: string) => ({ ...route('a.test', '/'), path: { kind: 'prefix', path } as const });
const withHost = (name: string): Route => ({ ...route('a.test', '/'), host: { kind: 'exact', name } });
const to = (forward: Partial<Forward>, more: Partial<Route> = {}) => route('a.test', '/', more, forward);

test('a sound route has no fault', () => {
  expect(reasons(route('a.test', '/a/%20/%C3%A9/@b'))).toEqual([]);
  expect(reasons(route('192.168.0.1', '/'))).toEqual([]);
  expect(reasons(route('', '/'))).toEqual([]);
});

describe('paths', () => {
  test.each([
    ['N1', '/a{return\t200\towned;}location\t/zz'],
    ['N2', '/a{}\n}\nserver{listen\t80;server_name\tvictim;location\t/x'],
    ['N3', '/a{alias\t/etc/;autoindex\ton;}location\t/zz'],
    ['N4', '~.*'],
    ['N4', '=/foo'],
    ['N6', '@x'],
    ['N7', '/a"b'],
    ['N7', '/a\\'],
    ['N8', '/a{'],
    ['N9', '/x{include\t/etc/passwd;}'],
    ['N20', '/a;proxy_pass http://evil'],
    ['N23', '/a$1'],
    ['N24', '/(a+)+$'],
    ['dots', '/a/../b'],
    ['dots', '/..'],
    ['empty segment', '/a//b'],
    ['query', '/a?b'],
    ['fragment', '/a#b'],
    ['stray escape', '/a%2Fb'],
    ['stray escape', '/%61'],
    ['stray escape', '/%c3'],
    ['stray escape', '/%00'],
    ['no slash', 'a'],
    ['empty', ''],
    ['wide', '/\u00e9'],
    ['wide', '/\u212a'],
    ['long', `/${'a'.repeat(2000)}`],
  ])('%s: %j is refused', (_id, path) => {
    expect(reasons(withPath(path))).toEqual(['InvalidPath']);
  });

  test('whatever is let in holds no character that means anything to nginx', () => {
    const near = fc.stringMatching(/^\/[a-z%0-9{};"'\\$ #?~@=.&*/-]{0,12}$/);
    fc.assert(
      fc.property(
        fc.oneof(
          near,
          fc.string().map((text) => `/${text}`),
        ),
        (path) => {
          if (reasons(withPath(path)).length === 0) expect(path).toMatch(/^\/[A-Za-z0-9._~:@!&()*+,=%/-]*$/);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

describe('hosts', () => {
  test.each([
    'a.com;}server{',
    'a.com b.com',
    '~^.*$',
    '_',
    '*.com',
    '',
    'A.test',
    'a.test.',
    '-a.test',
    'a-.test',
    'a..b',
    '\u212a.test',
    'a\u0000b',
    `${'a'.repeat(64)}.test`,
    `${'a.'.repeat(130)}test`,
    '::1',
    'a.test:80',
  ])('N11, N12: %j is refused', (name) => {
    expect(reasons(withHost(name))).toEqual(['InvalidHost']);
  });

  test('a wildcard of a whole domain of the registries is refused', () => {
    expect(reasons(route('*.com', '/'))).toEqual(['InvalidHost']);
    expect(reasons(route('*.a.com', '/'))).toEqual([]);
  });
});

describe('targets', () => {
  test.each([
    '127.0.0.1',
    '127.8.8.8',
    '169.254.169.254',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    'kubernetes.default',
    'unix:/run/x',
    '10.0.0.1;',
    '010.0.0.1',
    'fd00::1%eth0',
  ])('N25: %s is refused', (address) => {
    expect(reasons(to({ targets: [{ address, port: 80 }] }))).toEqual(['InvalidTarget']);
  });

  test.each([0, -1, 65_536, 1.5, Number.NaN])('port %d is refused', (port) => {
    expect(reasons(to({ targets: [{ address: '10.0.0.1', port }] }))).toEqual(['InvalidTarget']);
  });

  test('none at all is refused: nginx would take no configuration with an empty upstream', () => {
    expect(reasons(to({ targets: [] }))).toEqual(['InvalidTarget']);
  });

  test('an operator adds ranges', () => {
    const own = refusedTargets({ refusedTargets: ['10.0.0.0/24', 'fd00::/64'] });
    expect(['10.0.0.9', '10.0.1.9', 'fd00::9', 'fd01::9'].map(own)).toEqual([true, false, true, false]);
  });
});

describe('everything else a tenant may write', () => {
  const asks = {
    kind: 'forwardAuth',
    targets: [{ address: '10.0.0.2', port: 80 }],
    authority: 'auth.svc',
    target: '/auth',
    responseHeaders: [],
    timeoutMs: 1_000,
  } as const;
  const cors = {
    origins: ['https://a.test'],
    methods: ['GET'],
    headers: [],
    exposeHeaders: [],
    credentials: false,
    maxAgeSeconds: 0,
  };
  test.each<[string, Route, string]>([
    ['N13', to({}, { removedHeaders: ['X-Key: a\r\nY'] }), 'InvalidHeader'],
    ['N13', to({}, { removedHeaders: ['X Key'] }), 'InvalidHeader'],
    ['N13', to({}, { removedHeaders: ['X_Key'] }), 'InvalidHeader'],
    ['N13', to({}, { removedHeaders: ['transfer-encoding'] }), 'InvalidHeader'],
    ['N13', to({}, { protection: { ...asks, responseHeaders: ['Host'] } }), 'InvalidHeader'],
    ['N13', to({}, { protection: { ...asks, responseHeaders: ['X-Forwarded-For'] } }), 'InvalidHeader'],
    ['N13', to({}, { protection: { ...asks, responseHeaders: ['x;y'] } }), 'InvalidHeader'],
    ['N15', to({}, { protection: { ...asks, target: '/#;}}}\nload_module /tmp/x.so;' } }), 'InvalidAuth'],
    ['N15', to({}, { protection: { ...asks, authority: 'a b' } }), 'InvalidAuth'],
    ['N15', to({}, { protection: { ...asks, targets: [{ address: '169.254.169.254', port: 80 }] } }), 'InvalidTarget'],
    ['N18', to({}, { id: 'shop/web}\n' }), 'InvalidId'],
    ['N18', to({}, { owners: [] }), 'InvalidId'],
    ['N19', to({}, { action: { kind: 'redirect', status: 301, to: 'https://x\n;' } }), 'InvalidRedirect'],
    ['N19', to({}, { action: { kind: 'redirect', status: 301, to: 'javascript:alert(1)' } }), 'InvalidRedirect'],
    ['N19', to({}, { cors: { ...cors, methods: ['GET;'] } }), 'InvalidCors'],
    ['N19', to({}, { cors: { ...cors, origins: ['https://a.test/;'] } }), 'InvalidCors'],
    ['N30', to({}, { bodyLimitBytes: -1 }), 'InvalidLimit'],
    ['N30', to({}, { bodyLimitBytes: Number.POSITIVE_INFINITY }), 'InvalidLimit'],
    ['N30', to({ connectMs: 0 }), 'InvalidTime'],
    ['N30', to({ responseMs: 1e12 }), 'InvalidTime'],
    ['ring', to({}, { protection: { kind: 'apiKey', ring: 'a b' } }), 'InvalidAuth'],
    ['rewrite', to({ rewriteTo: '/$1' }), 'InvalidRewrite'],
    ['rewrite', route('a.test', { kind: 'text', path: '/a' }, {}, { rewriteTo: '/' }), 'InvalidRewrite'],
    ['cookie', to({ sticky: { cookie: 'a;b' } }), 'InvalidCookie'],
    ['range', to({}, { allowFrom: ['10.0.0.0/33'] }), 'InvalidAddress'],
    ['range', to({}, { allowFrom: ['all'] }), 'InvalidAddress'],
    ['users', to({}, { protection: { kind: 'basicAuth', realm: 'x', users: ['a:b\nroot:x'] } }), 'InvalidUsers'],
    ['users', to({}, { protection: { kind: 'basicAuth', realm: 'x\n', users: ['a:b'] } }), 'InvalidUsers'],
    ['users', to({}, { protection: { kind: 'basicAuth', realm: 'x', users: [] } }), 'InvalidUsers'],
    ['hsts', to({}, { hsts: { maxAgeSeconds: -1, includeSubdomains: false, preload: false } }), 'InvalidHsts'],
  ])('%s is refused', (_id, one, reason) => {
    expect(reasons(one)).toEqual([reason]);
  });

  test('every fault of a route is told at once, and a long value is cut', () => {
    const faults = routeFaults(
      {
        ...to({ targets: [] }, { removedHeaders: ['a b'] }),
        ...withPath(`/{${'x'.repeat(500)}`),
        action: to({ targets: [] }).action,
        removedHeaders: ['a b'],
      },
      refused,
    );
    expect(faults.map(({ reason }) => reason)).toEqual(['InvalidPath', 'InvalidTarget', 'InvalidHeader']);
    expect(Math.max(...faults.map(({ message }) => message.length))).toBeLessThan(250);
  });

  test('a message never repeats a hash or a user', () => {
    const faults = routeFaults(
      to({}, { owners: [owner], protection: { kind: 'basicAuth', realm: 'x', users: ['alice:$apr1$secret', 'bad'] } }),
      refused,
    );
    expect(JSON.stringify(faults)).not.toMatch(/alice|secret/);
  });
});
