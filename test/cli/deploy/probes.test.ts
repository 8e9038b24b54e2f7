import { expect, test } from 'vitest';
import { unknownImages } from '../../../cli/deploy/images.ts';
import { nextSteps } from '../../../cli/deploy/next-steps.ts';
import { credentialHeaders, goneProbes, isExpected, type Probe, probesOf } from '../../../cli/deploy/probes.ts';
import { resultRows, wrongs } from '../../../cli/deploy/results.ts';
import { compile } from '../../../components/compile/compile.ts';
import type { Plan } from '../../../components/compile/plan.ts';
import { wantedSecrets } from '../../../components/compile/wanted-secrets.ts';
import { type Definition, defineApp } from '../../../components/model/define.ts';
import * as local from '../../../stacks/local.ts';
import * as pods from '../../../stacks/pods.ts';

function planOf(definitions: readonly Definition[]): Plan {
  const sources = definitions.map((input) => ({ input }));
  const outcome = compile({
    environment: { ...local.environment, overlays: {} },
    definitions: sources,
    today: '2026-11-21',
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  return outcome.plan;
}

type Route = NonNullable<Parameters<typeof defineApp>[0]['routes']>[number];
function app(...routes: readonly Partial<Route>[]): Definition {
  return defineApp({
    name: 'cart',
    image: 'edgeplane.local/echo:local',
    ports: { http: 8080 },
    probes: { readiness: { check: { http: { path: '/healthz' } } } },
    routes: routes.map((route) => ({ hosts: ['shop.test'], ...route }) as Route),
  });
}
const probeOf = (route: Partial<Route>): Probe => probesOf(planOf([app(route)]), {})[0]!;
const open = { open: 'everyone may look' };

test('an open route is tried once and has to pass', () => {
  expect(probeOf({ protection: open, paths: ['/cart'] })).toMatchObject({
    ...{ host: 'shop.test', target: '/cart', method: 'GET', path: '/cart/…' },
    ...{ without: { kind: 'passes' }, credential: null, untried: null },
  });
});

test('a protected route is tried without its key, which has to be refused, and with it', () => {
  expect(probeOf({ protection: { apiKey: {} } })).toMatchObject({
    without: { kind: 'refused' },
    credential: { kind: 'apiKey', namespace: 'apps', secret: 'routing', key: 'api-key' },
  });
});

test('the headers that a route asks for are sent, and one of its quiet methods', () => {
  const probe = probeOf({ protection: open, methods: ['HEAD', 'POST'], headers: { 'x-team': 'shop' } });
  expect(probe).toMatchObject({ method: 'HEAD', headers: { 'x-team': 'shop' } });
});

test('a route that only takes what changes something is not tried', () => {
  const probe = probeOf({ protection: open, methods: ['POST'] });
  expect(probe.untried).toBe('takes only POST');
  expect(resultRows('10.0.0.1', [{ probe, without: null, with: null }])).toMatchObject([
    { without: '-', with: '-', result: 'not tried: takes only POST' },
  ]);
});

test('a route that an accepted loss leaves out is not tried; one that is served without something is', () => {
  const definition = app(
    { paths: ['/limited'], rateLimit: { requests: 5, per: '1s' }, protection: open },
    { paths: ['/listed'], allowFrom: ['10.0.0.0/8'], protection: open },
  );
  const accept = (name: string, route: number) => ({
    ...{ name: `pods/${name}`, at: `app apps/cart, routes[${route}]` },
    ...{ reason: 'a trial of these edges', until: '2026-12-31' },
  });
  const acceptedLosses = [accept('rate-limit', 0), accept('allow-from', 1)];
  const environment = { ...local.environment, overlays: {}, edge: 'pods', acceptedLosses };
  const outcome = compile({ environment, definitions: [{ input: definition }], today: '2026-11-21' });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  const probes = probesOf(outcome.plan, {}, outcome.acceptedLosses);
  expect(probes.map(({ path, untried }) => [path, untried])).toEqual([
    ['/limited/…', null],
    ['/listed/…', 'not served, as accepted: pods/allow-from'],
  ]);
});

test('every route of the local stack is tried, and each protected one with a credential', () => {
  const probes = probesOf(planOf(local.apps), local.callers);
  expect(probes.filter(({ untried }) => untried !== null)).toEqual([]);
  const guarded = probes.filter(({ protection }) => protection !== 'open');
  expect(new Set(guarded.map(({ protection }) => protection))).toEqual(new Set(['forwardAuth', 'apiKey']));
  expect(guarded.filter(({ credential, without }) => credential === null || without.kind !== 'refused')).toEqual([]);
});

test('forward auth that nobody told a token for is tried without one alone', () => {
  const [probe] = probesOf(planOf(local.apps), {}).filter(({ protection }) => protection === 'forwardAuth');
  expect(probe).toMatchObject({ credential: null, without: { kind: 'refused' } });
  expect(resultRows('a', [{ probe: probe!, without: 403, with: null }])[0]?.result).toMatch(/^ok; with: nobody told/);
});

test.each([
  ['passes', 200, true],
  ['passes', 302, true],
  ['passes', 404, false],
  ['passes', 401, false],
  ['passes', 403, false],
  ['passes', 503, false],
  ['passes', 'ECONNREFUSED', false],
  ['refused', 401, true],
  ['refused', 403, true],
  ['refused', 200, false],
  ['refused', 503, false],
  ['refused', 404, false],
] as const)('of a route that %s, %s is as expected: %s', (kind, answered, expected) => {
  expect(isExpected({ kind }, answered)).toBe(expected);
});

test('a protected route that lets everybody pass is wrong, and the row says what came and what should have', () => {
  const probe = probeOf({ protection: { apiKey: {} } });
  const result = { probe, without: 200, with: 200 };
  expect(wrongs(result)).toEqual(['without credentials 200, expected 401 or 403']);
  expect(resultRows('a', [result])[0]?.result).toBe('wrong: without credentials 200, expected 401 or 403');
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
const at = { namespace: 'apps', secret: 's', key: 'k' };
test.each([
  [{ kind: 'apiKey', ...at }, { k: base64('abc') }, { 'X-ROUTING-API-KEY': base64('abc') }],
  [{ kind: 'bearer', ...at }, { k: base64('abc') }, { Authorization: 'Bearer abc' }],
  [
    { kind: 'basic', namespace: 'apps', secret: 's' },
    { username: base64('u'), password: base64('p') },
    { Authorization: `Basic ${base64('u:p')}` },
  ],
  [{ kind: 'token', token: 'good' }, {}, { Authorization: 'Bearer good' }],
] as const)('a credential is presented as its kind says: %j', (credential, values, headers) => {
  expect(credentialHeaders(credential, values)).toEqual(headers);
});

test('Secrets are wanted where a route checks a key and where a container reads one', () => {
  expect(wantedSecrets(planOf(local.apps)).toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
    { namespace: 'apps', name: 'forward-auth', type: 'Opaque', keys: ['token'] },
    { namespace: 'apps', name: 'routing', type: 'Opaque', keys: ['api-key'] },
  ]);
});

test('a route that was taken away has to be unknown, unless another takes its requests now', () => {
  const former = [probeOf({ protection: open, paths: ['/cart'] }), probeOf({ protection: open, paths: ['/shop'] })];
  const plan = planOf([app({ protection: open, paths: ['/shop'] })]);
  expect(goneProbes(plan, former)).toMatchObject([
    { target: '/cart', without: { kind: 'unknown', closes: false }, credential: null, untried: null },
  ]);
});

test('where unknown hosts are told nothing, a host that was taken away may be closed, and a path of a known one is 404', () => {
  const former = [probeOf({ protection: open, paths: ['/cart'] }), probeOf({ protection: open, hosts: ['old.test'] })];
  const plan = planOf([app({ protection: open, paths: ['/shop'] })]);
  const closing = { ...plan, environment: { ...plan.environment, unknownHost: 'close' as const } };
  const expected = goneProbes(closing, former).map(({ without }) => without);
  expect(expected).toEqual([
    { kind: 'unknown', closes: false },
    { kind: 'unknown', closes: true },
  ]);
  const judged = expected.map((each) => [404, 'ECONNRESET', 200, 'ECONNREFUSED'].map((got) => isExpected(each, got)));
  expect(judged).toEqual([
    [true, false, false, false],
    [true, true, false, false],
  ]);
});

test('a route for callers inside the cluster has to be unknown from outside, and is wrong when anybody gets an answer', () => {
  const definitions = pods.apps.map((input) => ({ input }));
  const compiled = compile({ environment: pods.environment, definitions, today: '2026-11-21' });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled));
  const probe = probesOf(compiled.plan, {}).find(({ host }) => host === 'two.k8s.local');
  expect(probe).toMatchObject({ target: '/internal', without: { kind: 'unknown', closes: true }, credential: null });
  const verdicts = (['ECONNRESET', 403] as const).map(
    (without) => resultRows('a', [{ probe: probe!, without, with: null }])[0]?.result,
  );
  expect(verdicts).toEqual([
    'ok; with: only callers inside the cluster pass',
    'wrong: without credentials 403, expected 404 or a closed connection',
  ]);
});

test('an image that is in no catalogue is told with those that are', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a' },
    spec: { image: 'edgeplane.local/eco:local' },
  };
  expect(unknownImages([object])).toEqual([
    expect.stringContaining('image edgeplane.local/eco:local: found in no catalogue'),
  ]);
});

test('lines to copy hold no value of a Secret: it goes by a pipe from kubectl to curl', () => {
  const probes = probesOf(planOf(local.apps), local.callers);
  const steps = nextSteps({ address: '10.0.0.1', kubeconfig: '/k', kubectl: '/tools/kubectl', probes, flags: [] });
  expect(steps).toContain('  export KUBECONFIG=/k');
  const piped = steps.filter((line) => line.includes('get secret'));
  expect(piped.length).toBe(2);
  for (const line of piped) expect(line).toMatch(/ \| curl -i -H @- --resolve /);
});

test('verbs to go on with are told the stack that was deployed', () => {
  const deployed = { address: '10.0.0.1', kubeconfig: '/k', kubectl: '/tools/kubectl' };
  const probes = [probeOf({ protection: open })];
  const steps = (flags: readonly string[]) => nextSteps({ ...deployed, probes, flags }).slice(-2);
  const given = ['--stack', 'nginx', '--edge', 'traefik'];
  expect([steps([]), steps(given)]).toEqual([
    ['  npx edgeplane routes', '  npx edgeplane explain GET http://shop.test/'],
    [
      '  npx edgeplane routes --stack nginx --edge traefik',
      '  npx edgeplane explain --stack nginx --edge traefik GET http://shop.test/',
    ],
  ]);
});
