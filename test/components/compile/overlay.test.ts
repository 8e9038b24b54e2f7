import { expect, test } from 'vitest';
import { explainValue } from '../../../components/compile/resolve/explain-value.ts';
import { parseDefinition, parseEnvironment } from '../../../components/model/parse.ts';
import { app, codesOf, environment, open, planOf, problemsOf } from './definitions.ts';

test('an overlay is merged field by field, lists and choices are replaced', () => {
  const definition = app({
    resources: { cpu: '200m', memory: '256Mi' },
    env: { A: '1', B: '2' },
    probes: { readiness: { check: { http: { path: '/ready' } } } },
    protection: { bearer: {} },
    args: ['--a', '--b'],
  });
  const overlays = {
    cart: {
      resources: { memory: '1Gi' },
      env: { B: { secret: { name: 's', key: 'k' } } },
      probes: { readiness: { check: { tcp: {} } } },
      protection: { apiKey: {} },
      args: ['--c'],
      routes: [{ hosts: ['a.example.org'] }],
    },
  };
  const plan = planOf([definition], { overlays });
  const container = plan.apps[0]?.workload?.containers[0];
  expect(container?.resources).toMatchObject({ cpu: '200m', memory: '1Gi' });
  expect(container?.env).toEqual([
    { name: 'A', source: { kind: 'value', value: '1' } },
    { name: 'B', source: { kind: 'secret', name: 's', key: 'k' } },
  ]);
  expect(container?.probes.readiness?.check).toEqual({ kind: 'tcp', port: 8080 });
  expect(container?.args).toEqual(['--c']);
  expect(plan.routes[0]?.protection.kind).toBe('apiKey');
});

test('null in an overlay takes a field away', () => {
  const definition = app({ owner: 'team', env: { A: '1', B: '2' } });
  const plan = planOf([definition], { overlays: { cart: { owner: null, env: { A: null } } } });
  expect(plan.apps[0]?.owner).toBeNull();
  expect(plan.apps[0]?.workload?.containers[0]?.env.map(({ name }) => name)).toEqual(['B']);
});

test('an overlay for one namespace stands over one for the name', () => {
  const overlays = { cart: { replicas: 4 }, 'blog/cart': { replicas: 5 } };
  const plan = planOf([app(), app({ namespace: 'blog' })], { overlays });
  expect(plan.apps.map(({ namespace, workload }) => [namespace, workload?.replicas])).toEqual([
    ['blog', 5],
    ['shop', 4],
  ]);
});

test('an overlay for an app that is not there is a problem that names the near one', () => {
  const [problem, ...others] = problemsOf([app()], { overlays: { cat: { replicas: 1 } } });
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ code: 'unknown-app', at: { subject: 'environment test', path: 'overlays.cat' } });
  expect(problem?.fix).toContain('Did you mean "cart"?');
});

test('what an overlay breaks is a problem of the environment', () => {
  expect(codesOf([app()], { overlays: { cart: { replicas: 'many' } } })).toEqual([
    expect.stringMatching(/ at environment test: overlays\.cart\.replicas$/),
  ]);
  expect(codesOf([app()], { overlays: { cart: { calls: ['web'] } } })).toEqual([
    'unknown-app at environment test: overlays.cart.calls[0]',
  ]);
});

test('an overlay does not change who an app is', () => {
  expect(codesOf([app()], { overlays: { cart: { name: 'other' } } })).toEqual([
    'overlay-identity at environment test: overlays.cart.name',
  ]);
});

test('overlays of a configuration stand over those of the environment, field by field', () => {
  const configuredOverlays = [{ file: 'Pulumi.test-apps.yaml', overlays: { cart: { replicas: 5, owner: null } } }];
  const overlays = { cart: { replicas: 3, resources: { memory: '1Gi' }, owner: 'overlay' } };
  const plan = planOf([app({ owner: 'team' })], { overlays, configuredOverlays });
  const [cart] = plan.apps;
  expect([cart?.workload?.replicas, cart?.owner]).toEqual([5, null]);
  const parsed = parseDefinition(app({ owner: 'team' }));
  const place = parseEnvironment(environment({ overlays, configuredOverlays }));
  if (!parsed.ok || !place.ok) throw new Error('the fixtures are fine');
  expect(explainValue(place.value, parsed.value, ['replicas'])).toEqual({
    layer: 'configuration',
    at: { subject: 'Pulumi.test-apps.yaml', path: 'config["edgeplane:overlays"].cart.replicas' },
  });
  expect(explainValue(place.value, parsed.value, ['resources', 'memory'])).toMatchObject({ layer: 'overlay' });
});

test('a mistake in an overlay of a configuration is placed in its file', () => {
  const configured = (overlays: Record<string, Record<string, unknown>>) => ({
    configuredOverlays: [{ file: 'Pulumi.test-apps.yaml', overlays }],
  });
  expect(codesOf([app()], configured({ cat: { replicas: 1 } }))).toEqual([
    'unknown-app at Pulumi.test-apps.yaml: config["edgeplane:overlays"].cat',
  ]);
  expect(codesOf([app()], configured({ cart: { replicas: 'many' } }))).toEqual([
    expect.stringMatching(/ at Pulumi\.test-apps\.yaml: config\["edgeplane:overlays"\]\.cart\.replicas$/),
  ]);
});

test('every value tells the layer that set it', () => {
  const parsed = parseDefinition(
    app({ owner: 'team', routes: [{ hosts: ['a.example.org'], protection: open }, { hosts: ['b.example.org'] }] }),
  );
  const place = parseEnvironment(
    environment({ overlays: { cart: { resources: { memory: '1Gi' } } }, protection: { bearer: {} }, tls: 'default' }),
  );
  if (!parsed.ok || !place.ok) throw new Error('the fixtures are fine');
  const of = (...path: (string | number)[]) => explainValue(place.value, parsed.value, path);
  expect(of('resources', 'memory')).toEqual({
    layer: 'overlay',
    at: { subject: 'environment test', path: 'overlays.cart.resources.memory' },
  });
  expect(of('resources', 'cpu')).toEqual({ layer: 'default' });
  expect(of('owner')).toMatchObject({ layer: 'definition', at: { path: 'owner' } });
  expect(of('routes', 0, 'protection')).toMatchObject({ layer: 'definition', at: { path: 'routes[0].protection' } });
  expect(of('routes', 1, 'protection')).toEqual({
    layer: 'environment',
    at: { subject: 'environment test', path: 'protection' },
  });
  expect(of('routes', 1, 'tls')).toMatchObject({ layer: 'environment', at: { path: 'tls' } });
  expect(of('routes', 1, 'bodyLimit')).toEqual({ layer: 'default' });
});
