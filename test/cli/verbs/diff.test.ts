import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Io } from '../../../cli/io.ts';
import { verb } from '../../../cli/verbs/diff.ts';
import { verb as render } from '../../../cli/verbs/render.ts';
import { runVerb, shop } from '../fake-io.ts';

const json = { format: 'json' };

interface Row {
  readonly path: string;
  readonly left?: unknown;
  readonly right?: unknown;
}

test('an environment does not differ from itself', async () => {
  const { code, out, words } = await runVerb(verb, [], { stack: ['staging', 'staging'] });
  expect({ code, out }).toEqual({ code: 0, out: '' });
  expect(words).toBe('staging on traefik and staging on traefik: no difference\n');
});

test('two environments differ in what their requests would notice, and nowhere by names made of the environment', async () => {
  const { code, out } = await runVerb(verb, [], { ...json, stack: ['staging', 'production'] });
  const rows = JSON.parse(out) as readonly Row[];
  expect(code).toBe(1);
  expect(rows).toContainEqual({ path: 'environment.production', left: false, right: true });
  expect(rows).toContainEqual({ path: 'apps.pybackend.workload.replicas', left: 2, right: 3 });
  expect(rows).toContainEqual({
    path: 'apps.rbackend.routes["/rbackend/…"].hosts',
    left: ['admission.staging.example.org'],
    right: ['admission.example.org'],
  });
  expect(rows.filter(({ path }) => /secretName|namespace/.test(path)).map(({ path }) => path)).toEqual([
    'environment.namespace',
  ]);
});

test('an app that only one environment has is one difference', async () => {
  const { out } = await runVerb(verb, [], { ...json, stack: ['local', 'dev'] });
  const rows = JSON.parse(out) as readonly Row[];
  expect(rows.filter(({ path }) => path === 'apps.reports').map(({ right }) => right)).toEqual([undefined]);
});

test('one stack alone is wrong usage', async () => {
  await expect(runVerb(verb, [], { stack: ['dev'] })).rejects.toThrow('diff takes --stack twice');
});

const files = { 'shop.yaml': shop };
const resources = ['apps/v1 Deployment', 'v1 Service', 'traefik.io/v1alpha1 IngressRoute'];

/** A kubectl that serves three kinds and has these objects. */
function kubectl(objects: readonly unknown[]): Io['run'] {
  return async (_program, args) => {
    const rows = resources.map((kind, index) => {
      const [version, name] = kind.split(' ');
      return `kinds${index}   ${index === 0 ? 'short  ' : '      '} ${version}   true   ${name}`;
    });
    const out = args.includes('api-resources') ? rows.join('\n') : JSON.stringify({ items: objects });
    return { code: 0, out, words: '' };
  };
}

async function compiled(): Promise<readonly object[]> {
  const { out } = await runVerb(render, [], { stack: 'dev', file: ['shop.yaml'] }, files);
  return parseAllDocuments(out)
    .map((document) => document.toJSON())
    .filter((object) => resources.includes(`${object.apiVersion} ${object.kind}`));
}

async function against(objects: readonly unknown[]) {
  const flags = { ...json, stack: ['dev'], context: 'dev', file: ['shop.yaml'] };
  const ran = await runVerb(verb, [], flags, files, kubectl(objects));
  const rows = JSON.parse(ran.out) as readonly { object: string; verdict: string; differences: readonly Row[] }[];
  return rows.filter(({ object }) => resources.some((kind) => kind.endsWith(` ${object.split(' ')[0]}`)));
}

test('what an API server fills in is no difference to a cluster', async () => {
  const live = (await compiled()).map((object) => ({ ...object, status: { observed: 1 } }));
  expect(await against(live)).toEqual([]);
});

interface Deployment {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: object;
}

test('a changed field, a missing object and one left over are told', async () => {
  const all = (await compiled()) as unknown as readonly Deployment[];
  const isCart = ({ kind, metadata }: Deployment) => metadata.name === 'cart' && kind !== 'Service';
  const live = all
    .filter(({ kind, metadata }) => metadata.name !== 'cart' || kind !== 'Service')
    .flatMap((object) => {
      if (!isCart(object)) return [object];
      const changed = { ...object, spec: { ...object.spec, replicas: 7 } };
      return [changed, { ...object, metadata: { ...object.metadata, name: 'old' } }];
    });
  const rows = await against(live);
  expect(rows.map(({ object, verdict }) => [object, verdict])).toEqual([
    ['Service shop/cart', 'missing'],
    ['Deployment shop/cart', 'differs'],
    ['Deployment shop/old', 'left over'],
  ]);
  expect(rows[1]?.differences).toEqual([{ path: 'spec.replicas', wanted: 2, found: 7 }]);
});
