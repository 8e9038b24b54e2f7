import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RoutePlan } from '../../../components/compile/plan.ts';
import { type EdgeRequest, match, type Outcome } from '../../../components/model/match.ts';
import { claimTheSame, rank } from '../../../components/model/precedence.ts';
import type { HostMatch, MatchableRoute } from '../../../components/model/route-match.ts';

type Change = Partial<Omit<MatchableRoute, 'match'>> & {
  readonly methods?: string[];
  readonly headers?: Record<string, string>;
};

/** `shop.test/foo` is a prefix, `shop.test =/foo` exact, `*.test/` a wildcard, ` /` any host. */
function route(id: string, where: string, change: Change = {}): MatchableRoute {
  const [, name = '', exact, path = '/'] = /^([^/= ]*) ?(=?)(\/.*)$/.exec(where) ?? [];
  const { methods = [], headers = {}, ...rest } = change;
  return {
    id,
    match: {
      host: hostOf(name),
      path: { kind: exact === '=' ? 'exact' : 'prefix', path },
      methods: methods.toSorted(),
      headers: Object.entries(headers).map(([header, value]) => ({ name: header.toLowerCase(), value })),
    },
    action: { kind: 'forward' },
    protection: { kind: 'open' },
    rewrite: { kind: 'none' },
    cors: null,
    allowFrom: null,
    websocket: false,
    httpsRedirect: false,
    encodedSlash: 'refuse',
    ...rest,
  };
}

function hostOf(name: string): HostMatch {
  if (name === '') return { kind: 'any' };
  return name.startsWith('*.') ? { kind: 'wildcard', suffix: name.slice(2) } : { kind: 'exact', name };
}

function send(table: readonly MatchableRoute[], target: string, change: Partial<EdgeRequest> = {}): Outcome {
  return match(table, { scheme: 'https', host: 'shop.test', method: 'GET', target, headers: {}, ...change });
}

/** The route that takes a request, or what else happens: `a`, `404 no route for path`, `400`. */
function taken(table: readonly MatchableRoute[], target: string, change: Partial<EdgeRequest> = {}): string {
  const outcome = send(table, target, change);
  if (outcome.kind === 'route') return outcome.route;
  if (outcome.kind === 'notFound') return `404 ${outcome.why}`;
  return outcome.kind === 'refused' ? String(outcome.status) : outcome.kind;
}

const foo = [route('foo', 'shop.test/foo')];
const everything = [route('all', 'shop.test/')];

test('a route of the plan is all the function needs', () => {
  const use = (plan: RoutePlan): MatchableRoute => plan;
  expect(use).toBeTypeOf('function');
});

describe('target', () => {
  test('T1 a target is an absolute path or the absolute form', () => {
    for (const target of ['', '*', 'foo', 'shop.test:443', 'ftp://shop.test/'])
      expect(taken(everything, target)).toBe('400');
    expect(taken(everything, 'http://shop.test/x', { host: 'other.test' })).toBe('all');
    expect(taken(everything, 'http://other.test/x')).toBe('404 unknown host');
    expect(taken(everything, 'HTTP://SHOP.test?x=1')).toBe('all');
  });
  test('T2 characters outside visible ASCII, # and backslash are refused', () => {
    for (const target of ['/a b', '/a#b', '/a\\b', '/caf\u00e9', '/a\0', '/a\r\nX: y'])
      expect(taken(everything, target)).toBe('400');
  });
  test('T3 an empty segment is refused', () => {
    for (const target of ['//', '//foo', '/foo//x', '/foo//']) expect(taken(everything, target)).toBe('400');
    expect(taken(everything, '/foo?x=//')).toBe('all');
  });
  test('T4 a dot segment is refused in every spelling', () => {
    const forms =
      '/.. /../foo /foo/.. /foo/../x /foo/. /./foo /foo/%2e%2e/x /foo/.%2E/x /foo/..;/x /foo/..;a=b/x /foo/%2e;x'.split(
        ' ',
      );
    for (const target of forms) expect(taken(everything, target), target).toBe('400');
    const open = [route('all', 'shop.test/', { encodedSlash: 'allow' })];
    for (const target of ['/foo/..%2fadmin', '/foo%2F..', '/%2e%2e%2Fx'])
      expect(taken(open, target), target).toBe('400');
    for (const target of ['/...', '/.well-known', '/a..', '/..a', '/foo?../x'])
      expect(taken(everything, target), target).toBe('all');
  });
  test('T5 escapes that proxies read differently are refused', () => {
    const forms = '/%00 /%5C /%5cx /%3B /%25 /%252e /%3F /%23 /%0a /%0D /%7f /% /%1 /%zz /a%'.split(' ');
    for (const target of forms) expect(taken(everything, target), target).toBe('400');
    expect(taken(everything, '/a?b=%00%5C%2f')).toBe('all');
  });
  test('T6 an encoded slash is refused unless the route that takes it allows it', () => {
    const table = [route('open', 'shop.test/pkg', { encodedSlash: 'allow' }), route('all', 'shop.test/')];
    expect(taken(table, '/pkg/a%2Fb')).toBe('open');
    expect(send(table, '/pkg/a%2fb')).toMatchObject({ upstreamPath: '/pkg/a%2fb' });
    expect(taken(table, '/pkg%2Fa')).toBe('400');
    expect(taken(table, '/x/a%2Fb')).toBe('400');
    expect(taken(foo, '/x%2Fy')).toBe('400');
    expect(taken(foo, '/x%2Fy', { host: 'nobody.test' })).toBe('400');
  });
  test('T7 escapes of unreserved characters mean the character, others do not', () => {
    expect(taken(foo, '/%66oo/x')).toBe('foo');
    expect(send(foo, '/%66oo/a%20b')).toMatchObject({ upstreamPath: '/foo/a%20b' });
    expect(taken([route('at', 'shop.test/@x')], '/%40x')).toBe('404 no route for path');
  });
  test('T8 the query takes no part and is forwarded', () => {
    expect(send(foo, '/foo/x?q=/../%00;a=1')).toMatchObject({ route: 'foo', upstreamTarget: '/foo/x?q=/../%00;a=1' });
    expect(taken(foo, '/bar?/foo')).toBe('404 no route for path');
  });
});

describe('host', () => {
  const table = [route('exact', 'a.gw.test/api'), route('wild', '*.gw.test/'), route('none', ' /')];
  test('H1 hosts are compared without case, port and trailing dot', () => {
    for (const host of ['SHOP.test', 'shop.test:8443', 'shop.test.', 'Shop.Test.:80'])
      expect(taken(everything, '/', { host })).toBe('all');
  });
  test('H2 exact stands over wildcard over none, whatever the paths', () => {
    expect(taken(table, '/api/x', { host: 'a.gw.test' })).toBe('exact');
    expect(taken([route('exact', 'a.gw.test/'), route('wild', '*.gw.test/api')], '/api/x', { host: 'a.gw.test' })).toBe(
      'exact',
    );
    expect(taken(table, '/api', { host: 'b.gw.test' })).toBe('wild');
  });
  test('H3 a wildcard stands for exactly one label', () => {
    expect(taken([route('wild', '*.gw.test/')], '/', { host: 'a.b.gw.test' })).toBe('404 unknown host');
    expect(taken([route('wild', '*.gw.test/')], '/', { host: 'gw.test' })).toBe('404 unknown host');
    expect(taken([route('wild', '*.gw.test/')], '/', { host: '.gw.test' })).toBe('400');
  });
  test('H4 a host that is named never falls through', () => {
    expect(taken(table, '/other', { host: 'a.gw.test' })).toBe('404 no route for path');
    expect(taken([route('wild', '*.gw.test/x'), route('none', ' /')], '/y', { host: 'a.gw.test' })).toBe(
      '404 no route for path',
    );
  });
  test('H5 a route without host takes every host that nobody names', () => {
    for (const host of ['nobody.example', '10.0.0.1:80', '[::1]:80', ''])
      expect(taken(table, '/', { host })).toBe('none');
  });
  test('H6 what is no host name is refused', () => {
    for (const host of [
      'a b',
      'a/b',
      'a@b',
      'shop.test:80:80',
      '..',
      '.',
      'a..b',
      '\u212Aart.test',
      'x'.repeat(254),
      '[::1',
      'a,b',
    ])
      expect(taken(table, '/', { host }), host).toBe('400');
  });
  test('H7 a host that nothing takes is unknown', () => {
    expect(taken(foo, '/foo', { host: 'nobody.test' })).toBe('404 unknown host');
    expect(taken([], '/')).toBe('404 unknown host');
  });
});

describe('path, methods, headers', () => {
  test('P1 a prefix takes whole segments', () => {
    for (const target of ['/foo', '/foo/', '/foo/x?q=1']) expect(taken(foo, target)).toBe('foo');
    for (const target of ['/foobar', '/foo;v=1', '/fo', '/', '/x/foo'])
      expect(taken(foo, target)).toBe('404 no route for path');
  });
  test('P2 a prefix with a last slash is the same as without', () => {
    for (const target of ['/bar', '/bar/', '/bar/x'])
      expect(taken([route('bar', 'shop.test/bar/')], target)).toBe('bar');
  });
  test('P3 an exact path takes this path alone', () => {
    const exact = [route('e', 'shop.test =/exact'), route('s', 'shop.test =/slash/')];
    expect(taken(exact, '/exact')).toBe('e');
    expect(taken(exact, '/slash/')).toBe('s');
    for (const target of ['/exact/', '/exact/x', '/slash']) expect(taken(exact, target)).toBe('404 no route for path');
  });
  test('P4 case matters in paths', () => {
    expect(taken(foo, '/Foo')).toBe('404 no route for path');
  });
  test('P5 exact over longest prefix by segments', () => {
    const table = [route('c', 'shop.test/aaa'), route('b', 'shop.test/aaa/bbb'), route('e', 'shop.test =/aaa/bbb/x')];
    expect(taken(table, '/aaa/bbb/ccc')).toBe('b');
    expect(taken(table, '/aaa/bbbc')).toBe('c');
    expect(taken(table, '/aaa/bbb/x')).toBe('e');
  });
  test('P6 a route whose method or headers differ leaves the request to the next of the same host', () => {
    const table = [
      route('get', 'shop.test =/foo', { methods: ['GET'] }),
      route('beta', 'shop.test/foo', { headers: { 'X-Beta': '1' } }),
      route('all', 'shop.test/'),
      route('none', ' /'),
    ];
    expect(taken(table, '/foo')).toBe('get');
    expect(taken(table, '/foo', { method: 'POST' })).toBe('all');
    expect(taken(table, '/foo', { method: 'POST', headers: { 'x-beta': '1' } })).toBe('beta');
    expect(taken(table.slice(0, 1), '/foo', { method: 'POST' })).toBe('404 method');
    expect(taken(table.slice(1, 2), '/foo')).toBe('404 headers');
  });
  test('P7 fewer methods over more over none, then more headers', () => {
    const table = [
      route('all', 'shop.test/'),
      route('read', 'shop.test/', { methods: ['GET', 'HEAD'] }),
      route('get', 'shop.test/', { methods: ['GET'] }),
      route('one', 'shop.test/', { headers: { a: '1' } }),
      route('two', 'shop.test/', { headers: { a: '1', b: '2' } }),
    ];
    expect(taken(table, '/')).toBe('get');
    expect(taken(table, '/', { method: 'HEAD' })).toBe('read');
    expect(taken(table, '/', { method: 'PUT' })).toBe('all');
    expect(taken(table, '/', { method: 'PUT', headers: { A: '1' } })).toBe('one');
    expect(taken(table, '/', { method: 'PUT', headers: { A: '1', B: '2' } })).toBe('two');
  });
  test('P8 methods and header values with case, header names without', () => {
    const table = [route('r', 'shop.test/', { methods: ['GET'], headers: { 'X-A': 'Yes' } })];
    expect(taken(table, '/', { headers: { 'x-a': 'Yes' } })).toBe('r');
    expect(taken(table, '/', { headers: { 'x-a': 'yes' } })).toBe('404 headers');
    expect(taken(table, '/', { method: 'get', headers: { 'x-a': 'Yes' } })).toBe('404 method');
  });
  test('P11 routes that claim the same with the same right are told', () => {
    const pair = (a: MatchableRoute, b: MatchableRoute) => claimTheSame(a.match, b.match);
    expect(pair(route('a', 'h.test/x'), route('b', 'h.test/x'))).toBe(true);
    expect(pair(route('a', 'h.test/x', { headers: { a: '1' } }), route('b', 'h.test/x', { headers: { b: '1' } }))).toBe(
      true,
    );
    expect(pair(route('a', 'h.test/x', { headers: { a: '1' } }), route('b', 'h.test/x', { headers: { a: '2' } }))).toBe(
      false,
    );
    expect(pair(route('a', 'h.test/x', { methods: ['GET'] }), route('b', 'h.test/x', { methods: ['PUT'] }))).toBe(
      false,
    );
    expect(pair(route('a', 'h.test/x'), route('b', 'h.test =/x'))).toBe(false);
    expect(pair(route('a', 'h.test/x'), route('b', '*.test/x'))).toBe(false);
  });
});

describe('what happens to a request that is taken', () => {
  const auth = {
    kind: 'forwardAuth',
    url: 'http://gate.shop.svc.cluster.local:80/auth',
    responseHeaders: ['X-User'],
    signIn: null,
  } as const;

  test('A1 plain HTTP is redirected by 308, before anyone is asked', () => {
    const table = [route('r', 'shop.test/', { httpsRedirect: true, protection: auth })];
    const outcome = send(table, '/a%20b?x=1&y=2', { scheme: 'http', host: 'Shop.test:8080', method: 'POST' });
    expect(outcome).toMatchObject({
      kind: 'redirect',
      status: 308,
      location: 'https://shop.test/a%20b?x=1&y=2',
      asks: null,
    });
    expect(taken(table, '/', { scheme: 'http', host: 'nobody.test' })).toBe('404 unknown host');
    expect(taken(table, '/')).toBe('r');
  });
  test('A2 a client address outside allowFrom gets 403', () => {
    const table = [route('r', 'shop.test/', { allowFrom: ['10.0.0.0/8', 'fd00::/8'] })];
    for (const clientAddress of ['10.1.2.3', 'fd00::1', '::ffff:10.0.0.1'])
      expect(taken(table, '/', { clientAddress })).toBe('r');
    for (const clientAddress of ['11.0.0.1', 'fe80::1', '::1', 'nonsense', ''])
      expect(taken(table, '/', { clientAddress })).toBe('403');
  });
  test('A3 preflights are answered without asking anyone', () => {
    const table = [route('r', 'shop.test/', { cors: { origins: ['*'] }, protection: auth })];
    const headers = { Origin: 'https://app.test', 'Access-Control-Request-Method': 'PUT' };
    expect(send(table, '/', { method: 'OPTIONS', headers })).toMatchObject({ kind: 'preflight', route: 'r' });
    expect(send(table, '/', { method: 'OPTIONS' })).toMatchObject({ kind: 'route' });
  });
  test('A4 protection is asked with what the client sent, before the path changes', () => {
    const rewrite = { kind: 'replacePrefix', from: '/app', to: '/' } as const;
    const table = [route('r', 'shop.test/app', { protection: auth, rewrite })];
    expect(send(table, '/app/x?q=1', { host: 'Shop.test:8443', method: 'PUT' })).toMatchObject({
      upstreamPath: '/x',
      asks: {
        kind: 'forwardAuth',
        url: auth.url,
        forwardedUri: '/app/x?q=1',
        forwardedHost: 'shop.test:8443',
        forwardedMethod: 'PUT',
      },
    });
    const key = { secret: 'routing', key: 'api-key' };
    const asks = (protection: MatchableRoute['protection']) => send([route('r', 'shop.test/', { protection })], '/');
    expect(asks({ kind: 'apiKey', ...key })).toMatchObject({ asks: { header: 'X-ROUTING-API-KEY', ...key } });
    expect(asks({ kind: 'bearer', ...key })).toMatchObject({ asks: { header: 'Authorization', ...key } });
    expect(asks({ kind: 'basicAuth', secret: 'users', realm: 'x' })).toMatchObject({
      asks: { kind: 'basicAuth', secret: 'users' },
    });
    expect(asks({ kind: 'open' })).toMatchObject({ asks: null });
  });
  test('A6 a redirect answers after its protection, and keeps what it does not name', () => {
    const parts = { kind: 'redirect', status: 307, to: null, scheme: null, host: null, path: null } as const;
    const to = (change: object) =>
      send([route('r', 'shop.test/', { action: { ...parts, ...change }, protection: auth })], '/a?b=1', {
        host: 'shop.test:8443',
      });
    expect(to({ to: 'https://new.test/' })).toMatchObject({
      status: 307,
      location: 'https://new.test/',
      asks: { url: auth.url },
    });
    expect(to({ host: 'new.test' })).toMatchObject({ location: 'https://new.test/a?b=1' });
    expect(to({ path: '/c' })).toMatchObject({ location: 'https://shop.test:8443/c?b=1' });
    expect(to({ scheme: 'http' })).toMatchObject({ location: 'http://shop.test/a?b=1' });
  });
  test('A7 and A8 strip and replace work on whole segments and tell the removed prefix', () => {
    const rewritten = (from: string, to: string, target: string) => {
      const outcome = send([route('r', `shop.test${from}`, { rewrite: { kind: 'replacePrefix', from, to } })], target, {
        headers: { 'X-Forwarded-Prefix': '/evil' },
      });
      return outcome.kind === 'route' ? [outcome.upstreamTarget, outcome.forwardedPrefix] : outcome.kind;
    };
    expect(rewritten('/app', '/', '/app')).toEqual(['/', '/app']);
    expect(rewritten('/app', '/', '/app/')).toEqual(['/', '/app']);
    expect(rewritten('/app', '/', '/app/x?q=1')).toEqual(['/x?q=1', '/app']);
    expect(rewritten('/app', '/', '/app2/x')).toBe('notFound');
    expect(rewritten('/old', '/new', '/old')).toEqual(['/new', '/old']);
    expect(rewritten('/old', '/new', '/old/old/x')).toEqual(['/new/old/x', '/old']);
    expect(rewritten('/', '/new', '/a')).toEqual(['/new/a', null]);
  });
  test('A9 only websocket routes upgrade, and only to WebSocket', () => {
    const upgrade = (websocket: boolean, protocol: string) =>
      send([route('r', 'shop.test/', { websocket })], '/', {
        headers: { Connection: 'keep-alive, Upgrade', Upgrade: protocol },
      });
    expect(upgrade(true, 'websocket')).toMatchObject({ upgrade: true });
    expect(upgrade(true, 'h2c')).toMatchObject({ upgrade: false });
    expect(upgrade(false, 'websocket')).toMatchObject({ upgrade: false });
  });
});

describe('certificates', () => {
  const challenge = '/.well-known/acme-challenge/token';
  const guarded = {
    httpsRedirect: true,
    allowFrom: ['10.0.0.0/8'],
    protection: { kind: 'basicAuth', secret: 's', realm: 'r' },
  } as const;
  test('C1 a challenge is left to the certificate solver', () => {
    const table = [route('all', 'shop.test/', guarded), route('wk', 'shop.test/.well-known')];
    const request = { scheme: 'http', host: 'shop.test', method: 'GET', target: challenge, headers: {} } as const;
    expect(taken(table, challenge, { scheme: 'http' })).toBe('404 left to the certificate solver');
    expect(match(table, request, { acme: false })).toMatchObject({ kind: 'route', route: 'wk' });
    expect(taken(table, '/.well-known/acme-challenge')).toBe('wk');
  });
  test('C2 a route of ones own for challenges is neither redirected nor guarded', () => {
    const table = [route('own', 'shop.test/.well-known/acme-challenge', guarded)];
    expect(send(table, challenge, { scheme: 'http', clientAddress: '192.0.2.1' })).toMatchObject({
      kind: 'route',
      route: 'own',
      asks: null,
    });
  });
});

describe('the reasons come with the outcome', () => {
  test('every route of the host that lost says why', () => {
    const table = [
      route('a-wild', '*.test/'),
      route('b-path', 'shop.test/bar'),
      route('c-method', 'shop.test =/foo', { methods: ['PUT'] }),
      route('d-wins', 'shop.test/foo'),
      route('e-short', 'shop.test/'),
      route('f-other', 'other.test/'),
      route('g-header', 'shop.test/foo', { headers: { a: '1' } }),
    ];
    expect(send(table, '/foo').lost).toEqual([
      { route: 'a-wild', why: 'a more specific host is routed' },
      { route: 'b-path', why: 'path differs' },
      { route: 'c-method', why: 'method differs' },
      { route: 'e-short', why: 'a more specific route takes it' },
      { route: 'g-header', why: 'headers differ' },
    ]);
  });
});

const anyHost = fc.constantFrom('a.test', 'b.test', '*.test', '');
const anyPath = fc.array(fc.constantFrom('a', 'b', 'aa'), { maxLength: 3 }).map((segments) => `/${segments.join('/')}`);
const anyRoute = fc
  .record({
    host: anyHost,
    exact: fc.boolean(),
    path: anyPath,
    methods: fc.subarray(['GET', 'PUT', 'POST']),
    headers: fc.constantFrom({}, { a: '1' }, { a: '2', b: '1' }),
    encodedSlash: fc.constantFrom('allow' as const, 'refuse' as const),
    httpsRedirect: fc.boolean(),
  })
  .map(({ host, exact, path, ...change }) => route('', `${host} ${exact ? '=' : ''}${path}`, change));
const anyTable = fc
  .array(anyRoute, { maxLength: 12 })
  .map((routes) => routes.map((each, index) => ({ ...each, id: `r${index}` })));
const anyRequest: fc.Arbitrary<EdgeRequest> = fc.record({
  scheme: fc.constantFrom('http' as const, 'https' as const),
  host: fc.constantFrom('a.test', 'B.test.:80', 'c.test', 'x.y.test', 'other.example', ''),
  method: fc.constantFrom('GET', 'PUT', 'DELETE'),
  target: fc.oneof(
    anyPath,
    anyPath.map((path) => `${path}%2Fx?q`),
    fc.string(),
    anyPath.map((path) => `${path}/`),
  ),
  headers: fc.constantFrom({}, { A: '1' }, { a: '2', B: '1' }),
});

describe('for every table and request', () => {
  test('there is an outcome, and it names a route of the table', () => {
    fc.assert(
      fc.property(anyTable, anyRequest, (table, request) => {
        const outcome = match(table, request);
        if (outcome.kind === 'route') expect(table.map(({ id }) => id)).toContain(outcome.route);
        expect(['route', 'redirect', 'preflight', 'refused', 'notFound']).toContain(outcome.kind);
      }),
    );
    fc.assert(
      fc.property(anyTable, fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (table, target, host) => {
        expect(match(table, { scheme: 'http', host, method: 'GET', target, headers: {} }).kind).toBeTypeOf('string');
      }),
    );
  });

  test('P9 the order of the table does not matter', () => {
    const shuffled = anyTable.chain((table) =>
      fc.tuple(fc.constant(table), fc.shuffledSubarray(table, { minLength: table.length })),
    );
    fc.assert(
      fc.property(shuffled, anyRequest, ([table, other], request) => {
        expect(match(other, request)).toEqual(match(table, request));
      }),
    );
  });

  test('P10 a route of another host changes nothing', () => {
    fc.assert(
      fc.property(anyTable, anyRoute, anyRequest, (table, added, request) => {
        const elsewhere = { ...added, id: 'added', match: { ...added.match, host: hostOf('elsewhere.invalid') } };
        expect(match([...table, elsewhere], request)).toEqual(match(table, request));
      }),
    );
  });

  test('H4 the winner is of the most specific kind of host that is routed', () => {
    fc.assert(
      fc.property(anyTable, anyPath, (table, target) => {
        const outcome = match(table, { scheme: 'https', host: 'a.test', method: 'GET', target, headers: {} });
        const named = table.some(({ match: { host } }) => host.kind === 'exact' && host.name === 'a.test');
        if (outcome.kind !== 'route' || !named) return;
        expect(table.find(({ id }) => id === outcome.route)?.match.host).toEqual({ kind: 'exact', name: 'a.test' });
      }),
    );
  });

  test('P5 no route that would take the request has a higher rank than the winner', () => {
    fc.assert(
      fc.property(anyTable, anyRequest, (table, request) => {
        const outcome = match(table, request);
        if (outcome.kind !== 'route') return;
        const winner = table.find(({ id }) => id === outcome.route)!;
        for (const other of table) {
          const alone = match([other], request);
          const sameHost = other.match.host.kind === winner.match.host.kind;
          if (alone.kind === 'route' && sameHost) expect(rank(other.match)).toBeLessThanOrEqual(rank(winner.match));
        }
      }),
    );
  });

  test('P11 where no two routes claim the same, the winner is the only one of its rank', () => {
    fc.assert(
      fc.property(anyTable, anyRequest, (table, request) => {
        const clash = table.some((a, index) => table.slice(index + 1).some((b) => claimTheSame(a.match, b.match)));
        const outcome = match(table, request);
        if (clash || outcome.kind !== 'route') return;
        const winner = table.find(({ id }) => id === outcome.route)!;
        const equals = table.filter((other) => {
          const alone = match([other], request);
          return other.id !== winner.id && alone.kind === 'route' && rank(other.match) === rank(winner.match);
        });
        expect(equals).toEqual([]);
      }),
    );
  });

  test('a path that was let in has no dot segment and no empty one', () => {
    const part = fc.constantFrom('.', '..', '%2e', '%2E', '/', '//', '%2f', ';', 'a', '%5c', '%00');
    const open = [route('all', ' /', { encodedSlash: 'allow' })];
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const outcome = send(open, `/${parts.join('')}`);
        if (outcome.kind !== 'route') return;
        const decoded = decodeURIComponent(outcome.upstreamPath);
        expect(decoded.split('/').some((segment) => segment === '.' || segment === '..')).toBe(false);
        expect(outcome.upstreamPath).not.toContain('//');
      }),
    );
  });
});
