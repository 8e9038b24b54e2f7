import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printRule } from '../../../components/dialects/traefik-rule.ts';
import { isV1Key, translateV1 } from '../../../components/dialects/traefik-v1.ts';
import { translateV1Rule } from '../../../components/dialects/traefik-v1-rule.ts';
import { readRule } from '../../../components/readers/traefik-rule.ts';

const rule = (text: string) => {
  const reading = translateV1Rule(text);
  if (!reading.ok) throw new Error(`${reading.found}, expected ${reading.expected}`);
  return { rule: printRule(reading.rule), strip: reading.strip };
};

const translate = (labels: Readonly<Record<string, string>>) => {
  const tags = Object.entries(labels).map(([key, value]) => ({ key, value }));
  const { tags: made, warnings, problems } = translateV1(tags, { name: 'db' });
  const codes = (findings: typeof warnings) => findings.map(({ code }) => code);
  return {
    tags: Object.fromEntries(made.map(({ key, value }) => [key, value])),
    warnings: codes(warnings),
    problems: codes(problems),
  };
};

test.each([
  ['Host:db.internal.example.org', 'Host("db.internal.example.org")'],
  ['Host: A.example.org , b.example.org', '(Host("a.example.org")) || (Host("b.example.org"))'],
  ['Host:a.org;PathPrefix:/x', '(Host("a.org")) && (PathPrefix("/x"))'],
  ['Path:/a,/b', '(Path("/a")) || (Path("/b"))'],
  ['Path:/a/{id:[0-9]+}', 'PathRegexp("^/a/(?:[0-9]+)$")'],
  ['PathPrefix:/a/{id}', 'PathRegexp("^/a/(?:[^/]+)")'],
  ['Path:/v{n:[0-9]{1,3}},/b', '(PathRegexp("^/v(?:[0-9]{1,3})$")) || (Path("/b"))'],
  ['HostRegexp:{sub:[a-z]+}.example.org', 'HostRegexp("^(?:[a-z]+)\\\\.example\\\\.org$")'],
  ['Method:get,POST', '(Method("GET")) || (Method("POST"))'],
  ['Headers:X-Env,blue', 'Header("X-Env", "blue")'],
  ['HeadersRegexp:X-Env,^b', 'HeaderRegexp("X-Env", "^b")'],
])('the rule %s', (text, expected) => {
  expect(rule(text)).toEqual({ rule: expected, strip: [] });
});

test('a prefix that is stripped is taken by whole segments, so that nothing can be cut down to another path', () => {
  expect(rule('Host:k8s-traefik.info;PathPrefixStrip:/pybackend')).toEqual({
    rule: '(Host("k8s-traefik.info")) && ((Path("/pybackend")) || (PathPrefix("/pybackend/")))',
    strip: ['/pybackend'],
  });
});

test.each([
  'Nonsense:x',
  'Host',
  'Host:',
  '',
  ';',
  'Host:*.example.org',
  'Host:a`) || Host(`b',
  'Path:x',
  'PathPrefixStrip:/{a}',
  'Path:/{a',
  'HostRegexp:a}.org',
  'Headers:only-a-name',
  'Headers:X Bad,1',
  'Method:GET POST',
  'constructor:x',
])('%j is refused with what is expected', (text) => {
  const reading = translateV1Rule(text);
  expect(reading).toMatchObject({ ok: false, found: expect.stringMatching(/./), expected: expect.stringMatching(/./) });
});

test('whatever the text, a rule that is made is one rule of Traefik 3 with matchers that were asked for', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(fc.constantFrom('Host', 'Path', 'PathPrefix', 'HostRegexp', 'Headers'), fc.string({ unit: 'binary' }))
      .map(([name, text]) => `${name}:${text}`),
    fc.string({ unit: fc.constantFrom(...'`"\\|&()!/{}:,;aHost') }).map((text) => `Path:/${text}`),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const reading = translateV1Rule(text);
      if (reading.ok) expect(readRule(printRule(reading.rule)).ok).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test('the label of 2016 becomes a router, and a warning says so', () => {
  expect(translate({ 'frontend.rule': 'Host:db.internal.example.org' })).toEqual({
    tags: { 'http.routers.db.rule': 'Host("db.internal.example.org")', enable: 'true' },
    warnings: ['v1-translated'],
    problems: [],
  });
});

test('labels of forward auth and a stripped prefix become middlewares, protection first', () => {
  expect(
    translate({
      enable: 'true',
      'frontend.rule': 'Host:k8s-traefik.info;PathPrefixStrip:/pybackend',
      'frontend.auth.forward.address': 'http://forward-auth:8000/auth',
      'frontend.auth.forward.authResponseHeaders': 'Authorization',
      backend: 'pybackend',
      port: '8000',
    }),
  ).toEqual({
    tags: {
      enable: 'true',
      'http.routers.db.rule': '(Host("k8s-traefik.info")) && ((Path("/pybackend")) || (PathPrefix("/pybackend/")))',
      'http.middlewares.db-strip.stripprefix.prefixes': '/pybackend',
      'http.middlewares.db-auth.forwardauth.address': 'http://forward-auth:8000/auth',
      'http.middlewares.db-auth.forwardauth.authresponseheaders': 'Authorization',
      'http.routers.db.middlewares': 'db-auth,db-strip',
    },
    warnings: ['v1-without-meaning', 'v1-without-meaning', 'v1-translated'],
    problems: [],
  });
});

test('every label of Traefik 1.1 has a translation or is told', () => {
  expect(
    translate({
      protocol: 'https',
      'backend.weight': '3',
      'backend.circuitbreaker': 'NetworkErrorRatio() > 0.5',
      'backend.loadbalancer': 'drr',
      'backend.maxconn.amount': '10',
      'backend.maxconn.extractorfunc': 'client.ip',
      'frontend.rule': 'Host:a.org',
      'frontend.passHostHeader': 'false',
      'frontend.priority': '10',
      'frontend.entryPoints': 'http,https',
    }),
  ).toEqual({
    tags: {
      'http.services.db.loadbalancer.server.scheme': 'https',
      'http.services.db.loadbalancer.server.weight': '3',
      'http.middlewares.db-breaker.circuitbreaker.expression': 'NetworkErrorRatio() > 0.5',
      'http.middlewares.db-maxconn.inflightreq.amount': '10',
      'http.middlewares.db-maxconn.inflightreq.sourcecriterion.ipstrategy.depth': '0',
      'http.routers.db.rule': 'Host("a.org")',
      'http.services.db.loadbalancer.passhostheader': 'false',
      'http.routers.db.priority': '10',
      'http.routers.db.entrypoints': 'web,websecure',
      'http.routers.db.middlewares': 'db-maxconn,db-breaker',
      enable: 'true',
    },
    warnings: ['v1-without-meaning', 'v1-translated'],
    problems: [],
  });
});

test('the entry point https asks for TLS', () => {
  expect(translate({ 'frontend.entryPoints': 'https', 'frontend.rule': 'Host:a.org' }).tags).toMatchObject({
    'http.routers.db.entrypoints': 'websecure',
    'http.routers.db.tls': 'true',
  });
});

test.each([
  'frontend.auth.digest.users',
  'frontend.headers.SSLRedirect',
  'admin.frontend.auth.basic',
  'frontend.errors.x.status',
])('what protects and has no translation is a problem, never dropped: %s', (key) => {
  expect(translate({ 'frontend.rule': 'Host:a.org', [key]: 'x' }).problems).toEqual(['v1-untranslatable']);
});

test('a router in labels of Traefik 3 stands, and those of Traefik 1 beside it are left out', () => {
  expect(translate({ 'http.routers.x.rule': 'Host(`a`)', 'frontend.rule': 'Host:b' })).toEqual({
    tags: { 'http.routers.x.rule': 'Host(`a`)' },
    warnings: ['v1-superseded'],
    problems: [],
  });
});

test.each([
  ['frontend.rule', true],
  ['Backend', true],
  ['protocol', true],
  ['enable', false],
  ['http.routers.frontend.rule', false],
  ['tcp.services.backend.loadbalancer.server.port', false],
  ['a', false],
])('%s is of Traefik 1: %s', (key, expected) => {
  expect(isV1Key(key)).toBe(expected);
});

test('no value of a label is repeated in a finding: one of them is a list of passwords', () => {
  const tags = [{ key: 'frontend.auth.digest.users', value: 'root:secret-hash' }];
  expect(JSON.stringify(translateV1(tags, { name: 'db' }))).not.toContain('secret-hash');
});
