import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeIngress } from '../../../components/dialects/nginx/decode.ts';
import { encodeIngress } from '../../../components/dialects/nginx/encode.ts';
import { defaultOptions, type IngressOptions, nginxPrefix, ownPrefix } from '../../../components/dialects/nginx.ts';

const headers = fc
  .uniqueArray(fc.constantFrom('X-Auth-User', 'X-Auth-Groups', 'Authorization', 'X-ROUTING-API-KEY'), { maxLength: 3 })
  .map((names) => names.toSorted());
const someHeaders = headers.filter((names) => names.length > 0);
/** Without the header of the edge's own keys, for which nobody else vouches. */
const vouched = headers.map((names) => names.filter((name) => name !== 'X-ROUTING-API-KEY'));
const seconds = fc.integer({ min: 1, max: 86_400 }).map((value) => value * 1000);
const url = fc.constantFrom('https://elsewhere.example.org/here?a=b', 'http://auth.shop.svc.cluster.local:80/ask');

const protection: fc.Arbitrary<IngressOptions['protection']> = fc.oneof(
  fc.constant({ kind: 'open' as const }),
  fc.record({
    kind: fc.constant('forwardAuth' as const),
    url,
    responseHeaders: vouched,
    timeoutMs: fc.integer({ min: 1, max: 86_400_000 }),
  }),
  fc.record({ kind: fc.constant('basicAuth' as const), secret: fc.constant('basic'), realm: fc.constant('tea party') }),
);

const options: fc.Arbitrary<IngressOptions> = fc.record({
  protection,
  removedHeaders: headers,
  rewriteTo: fc.constantFrom(null, '/', '/new', '/v2/api'),
  httpsRedirect: fc.constantFrom(null, true, false),
  hsts: fc.option(
    fc.record({
      maxAgeSeconds: fc.integer({ min: 1, max: 31_536_000 }),
      includeSubdomains: fc.boolean(),
      preload: fc.boolean(),
    }),
  ),
  bodyLimitBytes: fc.option(fc.integer({ min: 1, max: 2 ** 40 })),
  connectMs: seconds,
  responseMs: seconds,
  streaming: fc.boolean(),
  websocket: fc.boolean(),
  encodedSlash: fc.constantFrom('refuse', 'allow'),
  allowFrom: fc.constantFrom(null, ['10.0.0.0/8'], ['192.0.2.1/32', 'fd00::/8']),
  backendProtocol: fc.constantFrom('HTTP', 'HTTPS', 'GRPC'),
  redirect: fc.option(fc.record({ status: fc.constantFrom(301, 302, 307, 308), to: url })),
  cors: fc.option(
    fc.record({
      origins: fc.constantFrom(['*'], ['https://app.example.org', 'http://localhost:3000']),
      methods: fc.constantFrom(['GET'], ['GET', 'PUT']),
      headers: someHeaders,
      exposeHeaders: headers,
      credentials: fc.boolean(),
      maxAgeSeconds: fc.integer({ min: 0, max: 86_400 }),
    }),
  ),
  sticky: fc.constantFrom(null, { cookie: 'route' }),
});

function problemsOf(annotations: Readonly<Record<string, string>>): readonly string[] {
  const decoded = decodeIngress(annotations);
  return decoded.ok ? [] : decoded.problems.map(({ annotation, fix }) => `${annotation}: ${fix}`);
}

describe('annotations of an Ingress', () => {
  test('what is written is read back the same', () => {
    fc.assert(
      fc.property(options, (written) => {
        expect(decodeIngress(encodeIngress(written))).toEqual({ ok: true, options: written });
      }),
    );
  });

  test('come in the order of their names, whatever they say', () => {
    fc.assert(
      fc.property(options, (written) => {
        const names = Object.keys(encodeIngress(written));
        expect(names).toEqual(names.toSorted());
      }),
    );
  });

  test('none of them means the defaults', () => {
    expect(decodeIngress({})).toEqual({ ok: true, options: defaultOptions });
  });

  test('those of other prefixes are left alone', () => {
    expect(decodeIngress({ 'example.org/x': '{', 'edgeplane.dev/route': 'a' })).toEqual({
      ok: true,
      options: defaultOptions,
    });
  });

  test('a time below a second is rounded up to one', () => {
    expect(encodeIngress({ ...defaultOptions, responseMs: 1 })[`${nginxPrefix}proxy-read-timeout`]).toBe('1');
  });
});

describe('an annotation that is refused', () => {
  test.each([
    `${nginxPrefix}configuration-snippet`,
    `${nginxPrefix}server-snippet`,
    `${nginxPrefix}use-regex`,
    `${nginxPrefix}rewrite-target`,
    `${nginxPrefix}auth-tls-secret`,
    `${nginxPrefix}toString`,
    `${ownPrefix}proxy-body-size`,
  ])('%s is not known', (annotation) => {
    expect(problemsOf({ [annotation]: 'true' })).toHaveLength(1);
  });

  test('each names another that says the same, where there is one', () => {
    expect(problemsOf({ [`${nginxPrefix}rewrite-target`]: '/' })).toEqual([
      `${nginxPrefix}rewrite-target: Write ${ownPrefix}rewrite-to: the path that takes the place of the matched prefix.`,
    ]);
  });

  test.each([
    ['proxy-body-size', '1m; return 200'],
    ['proxy-body-size', '-1'],
    ['proxy-read-timeout', '60s'],
    ['proxy-read-timeout', '0'],
    ['auth-url', 'http://auth/"; deny all; #'],
    ['auth-url', 'http://auth/\nx'],
    ['auth-url', 'http://auth/$request_uri'],
    ['auth-url', 'http://user:word@auth/'],
    ['allowlist-source-range', '10.0.0.0/8, all'],
    ['allowlist-source-range', ''],
    ['ssl-redirect', 'yes'],
    ['backend-protocol', 'AJP'],
    ['cors-allow-origin', 'https://*.example.org'],
    ['permanent-redirect', '/relative'],
    ['session-cookie-name', 'a b'],
  ])('%s: %s', (name, text) => {
    expect(problemsOf({ [nginxPrefix + name]: text, [`${nginxPrefix}affinity`]: 'cookie' })).toHaveLength(1);
  });

  test.each([
    'rewrite-to: /a/../b',
    'rewrite-to: /$1',
    'rewrite-to: a',
    'websocket: on',
    'remove-request-headers: X_A',
  ])('of ours, %s', (text) => {
    const [name = '', value = ''] = text.split(': ');
    expect(problemsOf({ [ownPrefix + name]: value })).toHaveLength(1);
  });

  test('no value of any kind makes reading throw, and what passes holds no character of a configuration', () => {
    const names = Object.keys(encodeIngress({ ...defaultOptions, allowFrom: [], rewriteTo: '/' }));
    fc.assert(
      fc.property(fc.constantFrom(...names, `${nginxPrefix}auth-url`), fc.string({ unit: 'binary' }), (name, text) => {
        const decoded = decodeIngress({ [name]: text });
        if (decoded.ok) expect(JSON.stringify(decoded.options)).not.toMatch(/[;{}$`\\\n#]\s*[a-z]+ /);
      }),
    );
  });

  test('two that contradict each other are both refused at once with all the rest', () => {
    const written = {
      [`${nginxPrefix}auth-url`]: 'http://auth.example.org/',
      [`${nginxPrefix}auth-type`]: 'basic',
      [`${nginxPrefix}permanent-redirect`]: 'https://a.example.org/',
      [`${nginxPrefix}temporal-redirect`]: 'https://b.example.org/',
      [`${ownPrefix}hsts-preload`]: 'true',
    };
    expect(problemsOf(written)).toHaveLength(4);
  });
});

describe('headers that an Ingress names', () => {
  const asks = { [`${nginxPrefix}auth-url`]: 'http://gate.shop.svc/' };
  const names = [
    'Transfer-Encoding',
    'content-length',
    'Connection',
    'Upgrade',
    'TE',
    'Trailer',
    'Keep-Alive',
    'Proxy-Connection',
    'Host',
  ];

  test.each([
    ...names,
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Real-Ip',
    'Forwarded',
    'X-ROUTING-API-KEY',
  ])('nobody vouches for %s', (name) => {
    const decoded = decodeIngress({ ...asks, [`${nginxPrefix}auth-response-headers`]: `X-User, ${name}` });
    expect(decoded).toMatchObject({ ok: false, problems: [{ annotation: `${nginxPrefix}auth-response-headers` }] });
  });

  test.each(names)('no route takes off %s', (name) => {
    expect(decodeIngress({ [`${ownPrefix}remove-request-headers`]: name }).ok).toBe(false);
  });

  test('identity in the names of common auth services passes', () => {
    const named = 'X-Auth-Request-User, X-Forwarded-User, Remote-User, Authorization';
    expect(decodeIngress({ ...asks, [`${nginxPrefix}auth-response-headers`]: named }).ok).toBe(true);
  });
});
