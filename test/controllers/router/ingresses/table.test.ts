import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownPrefix } from '../../../../components/dialects/nginx.ts';
import type { Route } from '../../../../controllers/router/routing-table.ts';
import {
  type IngressSketch,
  ingress,
  lines,
  namespaceObject,
  ourClass,
  reasons,
  secretObject,
  serve,
  service,
  slice,
} from './world.ts';

const nginx = (name: string) => `nginx.ingress.kubernetes.io/${name}`;
const one = (sketch: IngressSketch): Route => {
  const [route] = serve({ ingresses: [ingress({ routes: ['shop.test/'], ...sketch })] }).table.routes;
  if (route === undefined) throw new Error('no route');
  return route;
};

describe('whose Ingresses are ours', () => {
  const routes = ['shop.test/'];
  const other = { metadata: { name: 'other' }, spec: { controller: 'example.com/other' } };
  const ofClass = (className: string | null, classes = [ourClass, other]) =>
    serve({ ingresses: [ingress({ routes, className })], classes }).table.routes.length;

  test('the class says the controller', () => {
    expect([ofClass('edgeplane'), ofClass('other'), ofClass('absent')]).toEqual([1, 0, 0]);
  });

  test('an Ingress without class is of the default class alone', () => {
    const asDefault = {
      metadata: { ...ourClass.metadata, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: ourClass.spec,
    };
    expect(ofClass(null)).toBe(0);
    expect(ofClass(null, [asDefault, other])).toBe(1);
  });

  test('the annotation that came before the field names a class too; the field stands over it', () => {
    const annotations = { 'kubernetes.io/ingress.class': 'edgeplane' };
    const count = (className: string | null) =>
      serve({ ingresses: [ingress({ routes, className, annotations })], classes: [ourClass, other] }).table.routes
        .length;
    expect([count(null), count('other')]).toEqual([1, 0]);
  });
});

describe('hosts and paths', () => {
  test('exact, prefix, wildcard, host-less and the default backend', () => {
    const spec = { defaultBackend: { service: { name: 'web', port: { name: 'http' } } } };
    const served = serve({ ingresses: [ingress({ routes: ['=a.test/x/', 'a.test/x/', '*.shop.test/', '/y'], spec })] });
    expect(lines(served)).toEqual([
      '*.shop.test/ -> 10.96.0.10:80',
      '*/ -> 10.96.0.10:80',
      '*/y -> 10.96.0.10:80',
      '=a.test/x/ -> 10.96.0.10:80',
      'a.test/x -> 10.96.0.10:80',
    ]);
  });

  test('what is specific to an implementation is a prefix of whole segments', () => {
    const paths = [
      { path: '/x', pathType: 'ImplementationSpecific', backend: { service: { name: 'web', port: { number: 80 } } } },
    ];
    const served = serve({ ingresses: [ingress({ spec: { rules: [{ host: 'a.test', http: { paths } }] } })] });
    expect(served.table.routes[0]?.path).toEqual({ kind: 'prefix', path: '/x' });
  });

  test('a rule without paths sends its host to the default backend', () => {
    const spec = { defaultBackend: { service: { name: 'web', port: { number: 80 } } }, rules: [{ host: 'a.test' }] };
    expect(lines(serve({ ingresses: [ingress({ spec })] }))).toEqual([
      '*/ -> 10.96.0.10:80',
      'a.test/ -> 10.96.0.10:80',
    ]);
  });

  test.each(['/api(/|$)(.*)', '/a{b', '/..', '//', '/a;b', '/%2Fx'])(
    'N1 to N9: a path that is none is left out by itself, and told: %s',
    (path) => {
      const served = serve({
        ingresses: [ingress({ routes: ['a.test/', `a.test${path}`] })],
      });
      expect(lines(served)).toEqual(['a.test/ -> 10.96.0.10:80']);
      expect(reasons(served)).toEqual(['shop/main InvalidIngress']);
    },
  );

  test.each(['*.test', '*.co.uk', 'a.*.test', '*', 'a_b.test'])('N11: %s is no host of an Ingress', (host) => {
    const served = serve({ ingresses: [ingress({ routes: [`${host}/`, 'a.test/'] })] });
    expect(lines(served)).toEqual(['a.test/ -> 10.96.0.10:80']);
    expect(reasons(served)).toEqual(['shop/main InvalidIngress']);
  });
});

describe('backends', () => {
  const routed = (services: Parameters<typeof serve>[0]['services'], slices = [slice('web')], annotations = {}) =>
    serve({ ingresses: [ingress({ routes: ['a.test/'], annotations })], services: services ?? [], slices });

  test('a Service is called by its ClusterIP, whichever pods it has', () => {
    expect(lines(routed([service('web')]))).toEqual(['a.test/ -> 10.96.0.10:80']);
  });

  test('a sticky route calls the ready pods', () => {
    const endpoints = [
      { addresses: ['10.244.0.7'], conditions: { ready: true } },
      { addresses: ['10.244.0.6'] },
      { addresses: ['10.244.0.8'], conditions: { ready: false } },
      { addresses: ['10.244.0.9'], conditions: { ready: true, terminating: true } },
    ];
    const served = routed([service('web')], [slice('web', endpoints)], { [nginx('affinity')]: 'cookie' });
    expect(lines(served)).toEqual(['a.test/ -> 10.244.0.6:8080 10.244.0.7:8080']);
    expect(served.table.routes[0]?.action).toMatchObject({ sticky: { cookie: 'INGRESSCOOKIE' } });
  });

  test('a headless Service has only its pods', () => {
    expect(lines(routed([service('web', { clusterIP: 'None' })]))).toEqual(['a.test/ -> 10.244.0.5:8080']);
  });

  test('a Service without a ready pod is 503, and nobody’s mistake', () => {
    const served = routed([service('web')], []);
    expect(lines(served)).toEqual(['a.test/ -> unavailable']);
    expect(served.rejections).toEqual([]);
  });

  test('a port is found by number or name', () => {
    const backend = { service: { name: 'web', port: { name: 'http' } } };
    const rules = [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
    expect(lines(serve({ ingresses: [ingress({ spec: { rules } })] }))).toEqual(['a.test/ -> 10.96.0.10:80']);
  });

  test.each([
    ['a Service that is not there', []],
    ['a Service without the port', [service('web', { ports: [{ name: 'http', port: 81 }] })]],
    ['a port that is not TCP', [service('web', { ports: [{ name: 'http', port: 80, protocol: 'UDP' }] })]],
    [
      'T8: a name of something outside',
      [service('web', { type: 'ExternalName', clusterIP: '', externalName: 'metadata.internal' })],
    ],
  ])('%s is 503, and told', (_, services) => {
    const served = routed(services);
    expect(lines(served)).toEqual(['a.test/ -> unavailable']);
    expect(reasons(served)).toEqual(['shop/main BackendMissing']);
  });

  test('a backend that is no Service is 503, and told', () => {
    const backend = { resource: { kind: 'Bucket', name: 'x' } };
    const rules = [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
    const served = serve({ ingresses: [ingress({ spec: { rules } })] });
    expect([lines(served), reasons(served)]).toEqual([['a.test/ -> unavailable'], ['shop/main BackendMissing']]);
  });
});

describe('annotations', () => {
  test('those of others are left alone', () => {
    expect(one({ annotations: { 'example.com/x': '{', 'cert-manager.io/issuer': 'x' } }).protection.kind).toBe('open');
  });

  test.each([nginx('configuration-snippet'), nginx('auth-tls-secret'), `${ownPrefix}no-such`, nginx('use-regex')])(
    'an unknown one closes every route of its Ingress, and leaves none to a broader route: %s',
    (name) => {
      const served = serve({
        ingresses: [
          ingress({ name: 'open', routes: ['a.test/'] }),
          ingress({ name: 'closed', routes: ['a.test/admin', 'b.test/'], annotations: { [name]: 'x' } }),
        ],
      });
      const shown = served.table.routes.map(({ id, protection }) => `${id} ${protection.kind}`);
      expect(shown).toEqual([
        'shop/closed/rules.0.0 broken',
        'shop/closed/rules.1.0 broken',
        'shop/open/rules.0.0 open',
      ]);
      expect(reasons(served)).toEqual(['shop/closed InvalidIngress']);
      expect(served.rejections[0]?.message).toContain(name);
    },
  );

  test('a value that is none closes the Ingress as an unknown name does', () => {
    expect(one({ annotations: { [nginx('proxy-body-size')]: '10m;' } }).protection.kind).toBe('broken');
  });

  test('gRPC is refused loudly, because it is not served here', () => {
    const served = serve({
      ingresses: [ingress({ routes: ['a.test/'], annotations: { [nginx('backend-protocol')]: 'GRPC' } })],
    });
    expect(served.table.routes[0]?.protection.kind).toBe('broken');
    expect(served.rejections[0]?.message).toContain('gRPC');
  });

  test('what is asked for reaches the route', () => {
    const route = one({
      annotations: {
        [nginx('proxy-body-size')]: '8m',
        [nginx('proxy-read-timeout')]: '30',
        [nginx('proxy-connect-timeout')]: '2',
        [nginx('allowlist-source-range')]: '10.0.0.0/8',
        [nginx('backend-protocol')]: 'HTTPS',
        [`${ownPrefix}rewrite-to`]: '/',
        [`${ownPrefix}websocket`]: 'true',
        [`${ownPrefix}encoded-slash`]: 'allow',
        [`${ownPrefix}remove-request-headers`]: 'X-User',
      },
    });
    expect(route).toMatchObject({
      bodyLimitBytes: 8 * 1024 * 1024,
      allowFrom: ['10.0.0.0/8'],
      encodedSlash: 'allow',
      removedHeaders: ['X-User'],
      action: { protocol: 'https', rewriteTo: '/', websocket: true, responseMs: 30_000, connectMs: 2_000 },
    });
  });

  test('a redirect needs no Service', () => {
    const annotations = {
      [nginx('permanent-redirect')]: 'https://new.test/x',
      [nginx('permanent-redirect-code')]: '308',
    };
    const served = serve({ ingresses: [ingress({ routes: ['a.test/'], annotations })], services: [] });
    expect(served.table.routes[0]?.action).toEqual({ kind: 'redirect', status: 308, to: 'https://new.test/x' });
    expect(served.rejections).toEqual([]);
  });

  test('the former name of allowed addresses, which cert-manager writes, means the present one', () => {
    const route = one({ annotations: { [nginx('whitelist-source-range')]: '0.0.0.0/0,::/0' } });
    expect([route.protection.kind, route.allowFrom]).toEqual(['open', ['0.0.0.0/0', '::/0']]);
  });
});

describe('protection', () => {
  const auth = (url: string, extra = {}) => ({ [nginx('auth-url')]: url, ...extra });
  const asks = (url: string) =>
    serve({
      ingresses: [
        ingress({ routes: ['a.test/'], annotations: auth(url, { [nginx('auth-response-headers')]: 'X-User' }) }),
      ],
      services: [service('web'), service('auth', { clusterIP: '10.96.0.20' }, 'platform')],
      slices: [slice('web'), slice('auth', undefined, 'platform')],
    });

  test.each(['auth.platform', 'auth.platform.svc', 'auth.platform.svc.cluster.local'])(
    'the Service %s is asked by its ClusterIP',
    (host) => {
      expect(asks(`http://${host}/check?x=1`).table.routes[0]?.protection).toEqual({
        kind: 'forwardAuth',
        targets: [{ address: '10.96.0.20', port: 80 }],
        authority: host,
        target: '/check?x=1',
        responseHeaders: ['X-User'],
        timeoutMs: 5_000,
      });
    },
  );

  test('what one route to a Service has vouched for, no other route to it lets in, of whatever Ingress and host', () => {
    const annotations = auth('http://auth.platform/', { [nginx('auth-response-headers')]: 'X-User' });
    const other = { service: { name: 'other', port: { number: 80 } } };
    const spec = { rules: [{ host: 'c.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend: other }] } }] };
    const served = serve({
      ingresses: [
        ingress({ name: 'asks', routes: ['a.test/'], annotations }),
        ingress({ name: 'open', routes: ['a.test/open', 'b.test/'] }),
        ingress({ name: 'elsewhere', spec }),
      ],
      services: [service('web'), service('other'), service('auth', { clusterIP: '10.96.0.20' }, 'platform')],
      slices: [slice('web'), slice('other'), slice('auth', undefined, 'platform')],
    });
    const removed = served.table.routes.map(
      ({ host, path, removedHeaders }) =>
        `${host.kind === 'exact' ? host.name : ''}${path.path} ${removedHeaders.join()}`,
    );
    expect(removed.toSorted()).toEqual(['a.test/ ', 'a.test/open x-user', 'b.test/ x-user', 'c.test/ ']);
  });

  test('an address is asked as it is', () => {
    expect(asks('http://10.1.2.3:9000/').table.routes[0]?.protection).toMatchObject({
      targets: [{ address: '10.1.2.3', port: 9000 }],
      authority: '10.1.2.3:9000',
    });
  });

  test.each([
    'https://auth.platform/',
    'http://auth.example.com/',
    'http://missing.platform.svc/',
    'http://auth.platform:81/',
  ])('%s cannot be asked: nobody passes, and it is told', (url) => {
    const served = asks(url);
    expect(served.table.routes[0]?.protection.kind).toBe('broken');
    expect(reasons(served)).toEqual(['shop/main ProtectionBroken']);
  });

  const basic = { [nginx('auth-type')]: 'basic', [nginx('auth-secret')]: 'people', [nginx('auth-realm')]: 'staff' };
  const guarded = (data: Readonly<Record<string, string>> | null) =>
    serve({
      ingresses: [ingress({ routes: ['a.test/'], annotations: basic })],
      users: data === null ? [] : [secretObject('people', data)],
    });

  test('user name and password become one salted digest, the same each time', () => {
    const { protection } = guarded({ username: 'ann', password: 'secret-of-ann' }).table.routes[0] as Route;
    expect(protection).toMatchObject({ kind: 'basicAuth', realm: 'staff' });
    const [user = ''] = protection.kind === 'basicAuth' ? protection.users : [];
    const bytes = Buffer.from(user.replace('ann:{SSHA}', ''), 'base64');
    const expected = createHash('sha1').update('secret-of-ann').update(bytes.subarray(20)).digest();
    expect(bytes.subarray(0, 20)).toEqual(expected);
    expect(guarded({ username: 'ann', password: 'secret-of-ann' }).table.routes[0]?.protection).toEqual(protection);
    expect(JSON.stringify(protection)).not.toContain('secret-of-ann');
  });

  test('lines in htpasswd form are taken as they are', () => {
    const users = 'bob:$apr1$abcdefgh$0123456789abcdefghijkl\n# x\nann:{SSHA}0123456789012345678901234567';
    expect(guarded({ users, username: 'x' }).table.routes[0]?.protection).toMatchObject({
      users: ['ann:{SSHA}0123456789012345678901234567', 'bob:$apr1$abcdefgh$0123456789abcdefghijkl'],
    });
  });

  test.each([
    ['no Secret', null],
    ['no field', { other: 'x' }],
    ['an empty password', { username: 'ann', password: '' }],
    ['a user name that is none', { username: 'a:b', password: 'x' }],
    ['a password in the clear', { users: 'ann:{PLAIN}secret' }],
    ['no users', { auth: '\n' }],
  ])('with %s nobody passes, and it is told without a value', (_, data) => {
    const served = guarded(data);
    expect(served.table.routes[0]?.protection.kind).toBe('broken');
    expect(reasons(served)).toEqual(['shop/main ProtectionBroken']);
    expect(served.rejections[0]?.message).not.toMatch(/PLAIN|secret$/);
  });
});

describe('TLS', () => {
  const pair = (name: string) => secretObject(name, { 'tls.crt': `chain of ${name}`, 'tls.key': `key of ${name}` });
  const tls = (hosts: readonly string[], secretName?: string) => ({
    tls: [{ hosts, ...(secretName === undefined ? {} : { secretName }) }],
  });
  const certificates = [pair('own'), { ...pair('default'), metadata: { name: 'default', namespace: 'edge' } }];
  const shown = (ingresses: Parameters<typeof serve>[0]['ingresses']) => {
    const { table, rejections } = serve({ ingresses: ingresses ?? [], certificates });
    const chains = table.certificates.map(({ host, certificate }) => [
      host.kind === 'exact' ? host.name : `*.${host.suffix}`,
      certificate === 'default' ? certificate : certificate.chain,
    ]);
    return {
      chains,
      reasons: reasons({ table, rejections, idle: [] }),
      redirects: table.routes.map((route) => route.httpsRedirect),
    };
  };

  test('the Secret is shown for the hosts that name it, and plain HTTP is sent there', () => {
    expect(shown([ingress({ routes: ['a.test/', 'b.test/'], spec: tls(['a.test'], 'own') })])).toEqual({
      chains: [['a.test', 'chain of own']],
      reasons: [],
      redirects: [true, false],
    });
  });

  test('an entry of a wildcard is for the routed hosts below it, and for no others', () => {
    expect(shown([ingress({ routes: ['a.shop.test/'], spec: tls(['*.shop.test'], 'own') })]).chains).toEqual([
      ['a.shop.test', 'chain of own'],
    ]);
  });

  test('an entry without hosts is for all of the Ingress; one without Secret means the default certificate', () => {
    expect(shown([ingress({ routes: ['a.test/', '*.b.test/', '/'], spec: tls([]) })])).toEqual({
      chains: [
        ['a.test', 'default'],
        ['*.b.test', 'default'],
      ],
      reasons: [],
      redirects: [true, true, true],
    });
  });

  test('a Secret that is not there leaves the default certificate and the redirect, and is told', () => {
    expect(shown([ingress({ routes: ['a.test/'], spec: tls(['a.test'], 'gone') })])).toEqual({
      chains: [['a.test', 'default']],
      reasons: ['shop/main CertificateMissing'],
      redirects: [true],
    });
  });

  test('nobody shows a certificate for a host without a route of it', () => {
    const thief = ingress({
      name: 'thief',
      namespace: 'evil',
      day: 2,
      routes: ['evil.test/'],
      spec: tls(['a.test'], 'own'),
    });
    expect(shown([ingress({ routes: ['a.test/'] }), thief]).chains).toEqual([]);
  });

  test('of several Ingresses of a host the oldest has its certificate shown', () => {
    const younger = ingress({ name: 'younger', day: 2, routes: ['a.test/x'], spec: tls(['a.test'], 'other') });
    expect(shown([younger, ingress({ routes: ['a.test/'], spec: tls(['a.test'], 'own') })])).toMatchObject({
      chains: [['a.test', 'chain of own']],
      reasons: ['shop/younger CertificateMissing', 'shop/younger CertificateTaken'],
    });
  });

  test('ssl-redirect: "false" serves plain HTTP beside TLS', () => {
    const annotations = { [nginx('ssl-redirect')]: 'false' };
    expect(shown([ingress({ routes: ['a.test/'], annotations, spec: tls(['a.test'], 'own') })]).redirects).toEqual([
      false,
    ]);
  });

  test('the default certificate is the one that is configured', () => {
    expect(serve({ certificates }).table.defaultCertificate).toEqual({
      chain: 'chain of default',
      key: 'key of default',
    });
    expect(serve({}).table.defaultCertificate).toBeNull();
  });

  test('I11: no refusal holds a key', () => {
    const { rejections } = serve({
      ingresses: [
        ingress({ routes: ['a.test/', '/'], spec: tls(['a.test'], 'own') }),
        ingress({ name: 'b', day: 2, routes: ['a.test/b'], spec: tls([], 'own2') }),
      ],
      certificates,
    });
    expect(JSON.stringify(rejections)).not.toContain('key of');
  });
});

describe('two owners', () => {
  const older = ingress({ name: 'older', namespace: 'x', day: 1, routes: ['a.test/'] });
  const younger = ingress({ name: 'younger', namespace: 'a', day: 2, routes: ['a.test/', 'a.test/y'] });

  test.each([
    ['older first', [older, younger]],
    ['younger first', [younger, older]],
  ])('M1: the older Ingress has the host and path, in any order (%s)', (_, ingresses) => {
    const served = serve({ ingresses });
    expect(served.table.routes.map(({ id }) => id)).toEqual(['x/older/rules.0.0', 'a/younger/rules.1.0']);
    expect(served.rejections).toMatchObject([
      { owner: { kind: 'Ingress', name: 'younger' }, reason: 'HostTaken', message: expect.stringContaining('x/older') },
      {},
      {},
    ]);
  });

  test('made in the same second, the smaller namespace and name has it', () => {
    const twins = ['b', 'a'].map((namespace) => ingress({ namespace, routes: ['a.test/'] }));
    expect(serve({ ingresses: twins }).table.routes.map(({ id }) => id)).toEqual(['a/main/rules.0.0']);
  });

  test('an older Ingress that lets nobody through still has its routes', () => {
    const closed = ingress({ name: 'older', routes: ['a.test/'], annotations: { [nginx('server-snippet')]: 'x' } });
    const { routes } = serve({ ingresses: [closed, ingress({ day: 2, routes: ['a.test/'] })] }).table;
    expect(routes.map(({ protection }) => protection.kind)).toEqual(['broken']);
  });

  test('M4: a granted host is closed to other namespaces', () => {
    const namespaces = [namespaceObject('x'), namespaceObject('a', 'a.test *.a.test')];
    const wildcard = ingress({ name: 'w', namespace: 'x', routes: ['*.a.test/', 'b.a.test/'] });
    const served = serve({ ingresses: [older, younger, wildcard], namespaces });
    expect(lines(served)).toEqual(['a.test/ -> unavailable', 'a.test/y -> unavailable']);
    expect(reasons(served)).toContain('x/w HostNotGranted');
  });

  test('M4: a grant that names no host is told on the Namespace', () => {
    const served = serve({ namespaces: [namespaceObject('shop', 'a.test/path')] });
    expect(served.rejections).toMatchObject([{ owner: { kind: 'Namespace', name: 'shop' }, reason: 'InvalidGrant' }]);
  });

  test('F13: beyond 4,096 routes the younger Ingresses of that namespace are refused', () => {
    const wide = (day: number) =>
      ingress({ name: `i${day}`, day, routes: Array.from({ length: 1_500 }, (_, i) => `h${day}.test/${i}`) });
    const served = serve({
      ingresses: [wide(1), wide(2), wide(3), ingress({ namespace: 'other', day: 9, routes: ['o.test/'] })],
    });
    expect(served.table.routes).toHaveLength(3_001);
    expect(reasons(served)).toContain('shop/i3 TooManyRoutes');
  });

  test('F26: beyond 10,000 routes of all namespaces the youngest Ingresses are refused, and all else is served', () => {
    const wide = (day: number) => {
      const routes = Array.from({ length: 3_000 }, (_, i) => `h${day}.test/${i}`);
      return ingress({ namespace: `n${day}`, name: 'wide', day, routes });
    };
    const last = ingress({ namespace: 'z', day: 9, routes: ['z.test/'] });
    const ingresses = [last, ...[4, 3, 2, 1].map(wide)];
    const served = serve({ ingresses });
    expect(served.table.routes).toHaveLength(9_001);
    expect(reasons(served).filter((line) => line.includes('TooMany'))).toEqual(['n4/wide TooManyRoutes']);
    expect(serve({ ingresses: ingresses.toReversed() })).toEqual(served);
  });

  test('I7: the order of the objects does not show, and every host and path is there once', () => {
    const sketch = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      namespace: fc.constantFrom('x', 'y'),
      day: fc.integer({ min: 1, max: 3 }),
      routes: fc.subarray(['a.test/', '=a.test/', 'a.test/x', '*.a.test/', '/', 'b.test/{'], { minLength: 1 }),
      annotations: fc.constantFrom({}, { [nginx('use-regex')]: 'true' }),
    });
    const distinct = { selector: (s: IngressSketch) => `${s.namespace}/${s.name}`, maxLength: 8 };
    fc.assert(
      fc.property(fc.uniqueArray(sketch, distinct), (sketches) => {
        const ingresses = sketches.map(ingress);
        const served = serve({ ingresses });
        expect(serve({ ingresses: ingresses.toReversed() })).toEqual(served);
        const keys = served.table.routes.map(({ host, path }) => JSON.stringify([host, path]));
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});
