import { expect, test } from 'vitest';
import { verb } from '../../../cli/verbs/explain.ts';
import { runVerb, shop } from '../fake-io.ts';

const files = { 'shop.yaml': shop };

async function facts(method: string, url: string, flags: Record<string, string | readonly string[]> = {}) {
  const { code, out } = await runVerb(verb, [method, url], { file: ['shop.yaml'], ...flags }, files);
  expect(code).toBe(0);
  return out
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ {2,}/, ': '));
}

test('a protected route says who is asked, what reaches the app, and who lost', async () => {
  const lines = await facts('get', 'http://shop.example.org/cart/staff/1?a=b', { header: ['X-Team: shop'] });
  expect(lines).toEqual([
    'answer: the app is called, if the request may pass',
    'route: shop/cart/staff',
    'written: app shop/cart, routes[1] (shop.yaml:15)',
    'match: host shop.example.org, path /cart/staff/…, methods GET, headers x-team: shop',
    expect.stringMatching(/^priority: \d+$/),
    'asked: X-ROUTING-API-KEY must be the base64 of Secret routing, key api-key',
    'reaches: shop/cart:80',
    'as: GET /1?a=b, X-Forwarded-Prefix: /cart/staff',
    'waits: 60000 ms for the answer',
    expect.stringMatching(/^lost: shop\/cart\/.*: a more specific route takes it$/),
  ]);
});

test('an open route gives its reason', async () => {
  const lines = await facts('GET', 'http://SHOP.example.org:8080/cart');
  expect(lines).toContain('answer: the app is called, nobody is asked');
  expect(lines).toContain('open: a shop window that everyone may look at');
});

test('the path is taken as it is written', async () => {
  expect(await facts('GET', 'http://shop.example.org/cart/../x')).toEqual([
    expect.stringMatching(/^answer: 400 from the edge: .*dot segment/),
  ]);
});

test('a host that no route names is not found', async () => {
  expect(await facts('GET', 'http://other.example.org/cart')).toEqual(['answer: 404 from the edge: unknown host']);
});

test('forward auth names the answering app and the headers it is told and that are copied', async () => {
  const { out } = await runVerb(verb, ['POST', 'http://k8s-traefik.info/pybackend/admission'], { stack: 'dev' });
  expect(out).toMatch(/^asked +GET http:\/\/forward-auth\.dev\.svc\.cluster\.local:8000\/auth$/m);
  expect(out).toMatch(/^told +X-Forwarded-Method: POST, X-Forwarded-Uri: \/pybackend\/admission$/m);
  expect(out).toMatch(/^copied +Authorization, X-Auth-User$/m);
  expect(out).toMatch(/^as +POST \/admission, X-Forwarded-Prefix: \/pybackend$/m);
});

test('plain HTTP is sent to HTTPS where there are certificates', async () => {
  const { out } = await runVerb(verb, ['GET', 'http://admission.example.org/pybackend'], { stack: 'production' });
  expect(out).toMatch(/^answer +308 to https:\/\/admission\.example\.org\/pybackend$/m);
});

test('JSON holds the request and its outcome', async () => {
  const { out } = await runVerb(verb, ['GET', 'http://x.example.org'], { file: ['shop.yaml'], format: 'json' }, files);
  expect(JSON.parse(out)).toEqual({
    request: { scheme: 'http', host: 'x.example.org', method: 'GET', target: '/', headers: {} },
    outcome: { kind: 'notFound', status: 404, why: 'unknown host', lost: [] },
  });
});

test.each([
  ['a URL without host', ['GET', '/cart'], {}, '"/cart" is no absolute URL, as https://shop.example.org/cart'],
  ['a method with a space', ['GE T', 'http://a.org/'], {}, '"GE T" is no HTTP method, as GET'],
  [
    'a header without colon',
    ['GET', 'http://a.org/'],
    { header: ['X-Team'] },
    '"X-Team" is no header, as "X-Team: shop"',
  ],
])('%s is wrong usage', async (_, operands, flags, message) => {
  await expect(runVerb(verb, operands, flags)).rejects.toMatchObject({ message, exitCode: 2 });
});

async function origin(value: string): Promise<string> {
  return (await runVerb(verb, [], { stack: 'production', value })).out.replace(/ {2,}/g, ': ');
}

test('--value tells which layer decided a value: overlay, definition, environment, default', async () => {
  const overlaid =
    'value: pybackend.replicas\nlayer: overlay\nwritten: environment production, overlays.pybackend.replicas\n';
  expect(await origin('pybackend.replicas')).toContain(overlaid);
  expect(await origin('admission/pybackend.routes[0].paths')).toContain('layer: definition\n');
  expect(await origin('pybackend.routes[0].tls')).toContain(
    'layer: environment\nwritten: environment production, tls\n',
  );
  expect(await origin('pybackend.rollout.drain')).toContain('layer: default\n');
});

test('--value tells of an overlay in the configuration of a Pulumi stack, and the file it stands in', async () => {
  const files = {
    'Pulumi.production-apps.yaml': 'config:\n  edgeplane:overlays:\n    pybackend:\n      replicas: 7\n',
  };
  const asked = (value: string) => runVerb(verb, [], { stack: 'production', value }, files);
  const { out } = await asked('pybackend.replicas');
  expect(out).toContain('configuration');
  expect(out).toContain('Pulumi.production-apps.yaml, config["edgeplane:overlays"].pybackend.replicas');
  expect((await asked('rbackend.autoscale.min')).out).toContain('environment production, overlays.rbackend');
});

test.each([
  ['no app', 'replicas', '"replicas" is no place in an app, as cart.routes[0].tls'],
  [
    'an app with a typo',
    'pybackened.replicas',
    'no app is named "pybackened", apps are forward-auth, pybackend, rbackend, dashboards. Did you mean "pybackend"?',
  ],
  ['no path', 'pybackend.a..b', '"a..b" is no path, as routes[0].tls'],
])('a value that names %s is wrong usage', async (_, value, message) => {
  await expect(origin(value)).rejects.toMatchObject({ message, exitCode: 2 });
});

test('neither a request nor a value is wrong usage', async () => {
  await expect(runVerb(verb, ['GET'], {})).rejects.toMatchObject({ exitCode: 2 });
});
