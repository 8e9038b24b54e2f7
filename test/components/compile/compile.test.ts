import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeLosses } from '../../../components/compile/acceptance.ts';
import type { KubeObject } from '../../../components/compile/output.ts';
import { app, compiled, edgeRoutes, objectIn, open, outcome, planOf, today } from './definitions.ts';

const loss = {
  name: 'traefik/sticky',
  at: { subject: 'app shop/cart', path: 'routes[0]' },
  asked: 'a',
  instead: 'b',
  fix: 'c',
};
const acceptance = { name: loss.name, at: 'app shop/cart, routes[0]', reason: 'until the move', until: today };
const judged = (acceptedLosses: readonly (typeof acceptance)[], losses = [loss]) =>
  judgeLosses({ name: 'test', acceptedLosses }, losses, today);

test('a loss is accepted by name and place through its last day', () => {
  expect(judged([acceptance])).toEqual({ accepted: [{ loss, acceptance }], unaccepted: [], problems: [] });
  expect(judged([]).unaccepted).toEqual([loss]);
  expect(judged([{ ...acceptance, at: 'app shop/cart, routes[1]' }]).unaccepted).toEqual([loss]);
});

test('an acceptance that is over names its day and accepts nothing', () => {
  const { unaccepted, problems } = judged([{ ...acceptance, until: '2026-11-20' }]);
  expect(unaccepted).toEqual([loss]);
  expect(problems).toMatchObject([
    {
      code: 'acceptance-expired',
      at: { path: 'acceptedLosses[0].until' },
      found: '2026-11-20, and today is 2026-11-21',
    },
  ]);
});

test('an acceptance of a loss that is not there is a problem', () => {
  const { problems } = judged([{ ...acceptance, at: 'app shop/cart, routes[7]' }]);
  expect(problems).toMatchObject([{ code: 'acceptance-unused', at: { path: 'acceptedLosses[0]' } }]);
  expect(problems[0]?.expected).toContain('"app shop/cart, routes[0]"');
});

test('groups come in the order they are applied: CRDs, platform, gatekeepers, apps by name', () => {
  const { groups } = compiled([
    app({ name: 'b', routes: [{ hosts: ['b.example.org'], protection: { apiKey: {} } }] }),
    app({ name: 'a' }),
    app({ name: 'z', namespace: 'blog' }),
  ]);
  expect(groups.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'crds crds',
    'platform platform',
    'platform shop/edgeplane-gatekeeper',
    'app blog/z',
    'app shop/a',
    'app shop/b',
  ]);
});

test('an edge that is not there yet is a problem', () => {
  const result = outcome([app()], { edge: 'gateway' });
  expect(result).toMatchObject({ ok: false, problems: [{ code: 'edge-not-available', at: { path: 'edge' } }] });
});

const definitions = [
  app({ routes: [{ hosts: ['a.example.org', 'b.example.org'], paths: ['/x', '/y'], protection: { apiKey: {} } }] }),
  app({ name: 'auth', namespace: 'identity', callers: [{ app: 'web', namespace: 'shop' }, 'mail'] }),
  app({ name: 'mail', namespace: 'identity' }),
  app({
    name: 'web',
    routes: [{ hosts: ['w.example.org'], protection: { forwardAuth: { app: 'auth', namespace: 'identity' } } }],
  }),
  edgeRoutes(),
];

test('definitions in any order give the same bytes', () => {
  const bytes = (order: readonly unknown[]) => JSON.stringify(compiled(order).groups);
  const expected = bytes(definitions);
  fc.assert(
    fc.property(fc.shuffledSubarray(definitions, { minLength: definitions.length }), (shuffled) => {
      expect(bytes(shuffled)).toBe(expected);
    }),
    { numRuns: 20 },
  );
});

test('a route keeps its id and its object’s name when others come and go', () => {
  const route = (path: string) => ({ hosts: ['a.example.org'], paths: [path], protection: open });
  const names = (...paths: readonly string[]) =>
    new Map(
      planOf([app({ routes: paths.map(route) })]).routes.map((each) => [
        each.match.path.path,
        [each.id, each.objectName],
      ]),
    );
  expect(names('/b').get('/b')).toEqual(names('/a', '/b', '/c').get('/b'));
});

test('a route of several hosts and paths is one plan for each, with ids of their own', () => {
  const { routes } = planOf([
    app({
      routes: [
        { name: 'front', hosts: ['a.example.org', 'b.example.org'], paths: ['/x', { exact: '/x' }], protection: open },
      ],
    }),
  ]);
  expect(routes).toHaveLength(4);
  expect(new Set(routes.map(({ objectName }) => objectName)).size).toBe(4);
  for (const { id, objectName } of routes) {
    expect(id).toMatch(/^shop\/cart\/front#[a-z2-7]{10}$/);
    expect(objectName).toMatch(/^[a-z0-9]([-a-z0-9]{0,48}[a-z0-9])?$/);
  }
});

test('every problem of all apps comes at once', () => {
  const result = outcome([
    app({ routes: [{ hosts: ['a.example.org'] }] }),
    app({ name: 'b', callers: ['c'] }),
    app({ name: 'edgeplane-gatekeeper' }),
  ]);
  expect(result.ok ? [] : result.problems.map(({ code }) => code).toSorted()).toEqual([
    'reserved-name',
    'undeclared-protection',
    'unknown-app',
  ]);
});

test('a transform sees copies, and what it changed is told as JSON pointers', () => {
  const transforms = new Map([
    [
      'shop/cart',
      (objects: readonly KubeObject[]) =>
        objects.flatMap((object): readonly KubeObject[] => {
          if (object.kind === 'PodDisruptionBudget') return [];
          if (object.kind !== 'Deployment') return [object];
          const spec = object.spec as { replicas: number };
          spec.replicas = 7;
          return [
            {
              ...object,
              metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, 'a/b': 'c' } },
            },
          ];
        }),
    ],
  ]);
  const result = outcome([app()], {}, transforms);
  if (!result.ok) throw new Error('it compiles');
  expect(result.changes).toEqual([
    { app: 'shop/cart', object: 'Deployment/cart', pointer: '/metadata/annotations/a~1b', kind: 'added' },
    { app: 'shop/cart', object: 'Deployment/cart', pointer: '/spec/replicas', kind: 'changed' },
    { app: 'shop/cart', object: 'PodDisruptionBudget/cart', pointer: '', kind: 'removed' },
  ]);
  const objects = result.groups.flatMap((group) => group.objects);
  expect(objectIn(objects, 'Deployment').spec).toMatchObject({ replicas: 7 });
  expect(result.plan.apps[0]?.workload?.replicas).toBe(2);
});

test('a change in one object of a transform stays in that object', () => {
  const transform = (objects: readonly KubeObject[]) => {
    for (const object of objects)
      if (object.kind === 'Service') (object.metadata.labels as Record<string, string>).team = 'shop';
    return objects;
  };
  const result = outcome([app()], {}, new Map([['shop/cart', transform]]));
  expect(result.ok && result.changes).toEqual([
    { app: 'shop/cart', object: 'Service/cart', pointer: '/metadata/labels/team', kind: 'added' },
  ]);
});

test('a transform for an app that is not there, or that repeats an object, is a problem', () => {
  const unknown = outcome([app()], {}, new Map([['shop/crat', (objects: readonly KubeObject[]) => objects]]));
  expect(unknown).toMatchObject({ ok: false, problems: [{ code: 'unknown-app', at: { subject: 'app shop/crat' } }] });
  const twice = outcome(
    [app()],
    {},
    new Map([['shop/cart', (objects: readonly KubeObject[]) => [...objects, ...objects.slice(0, 1)]]]),
  );
  expect(twice).toMatchObject({ ok: false, problems: [{ code: 'object-twice' }] });
});
