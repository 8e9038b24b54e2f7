import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { verb } from '../../../cli/verbs/render.ts';
import { stacks } from '../../../stacks/stacks.ts';
import { brokenShop, runVerb, shop } from '../fake-io.ts';

function kindsAndNames(text: string): readonly string[] {
  const documents = [parseAllDocuments(text)].flat();
  return documents.map((document) => `${document.getIn(['kind'])} ${document.getIn(['metadata', 'name'])}`);
}

test('the objects of a stack come as YAML, CRDs first, then the platform, then the apps', async () => {
  const { code, out, words } = await runVerb(verb, [], { stack: 'production' });
  expect(code).toBe(0);
  expect(words).toBe('');
  const objects = kindsAndNames(out);
  const order = [
    'CustomResourceDefinition ingressroutes.traefik.io',
    'DaemonSet edgeplane-edge',
    'Deployment pybackend',
  ];
  expect(order.map((name) => objects.indexOf(name))).toEqual(
    order.map((name) => objects.indexOf(name)).toSorted((a, b) => a - b),
  );
  expect(objects).toEqual(expect.arrayContaining(order));
});

test('definitions from files stand in place of the apps of the stack', async () => {
  const { code, out } = await runVerb(verb, [], { stack: 'local', file: ['shop.yaml'] }, { 'shop.yaml': shop });
  expect(code).toBe(0);
  expect(kindsAndNames(out)).toContain('Deployment cart');
  expect(kindsAndNames(out)).not.toContain('Deployment whoami');
});

test('keys of a store that the configuration names are fetched, and none is written', async () => {
  const store = 'config:\n  edgeplane:secretStore:\n    name: vault\n    prefix: company/\n';
  const { code, out } = await runVerb(verb, [], { stack: 'production' }, { 'Pulumi.production.yaml': store });
  expect(code).toBe(0);
  const objects = kindsAndNames(out);
  expect(objects).toContain('ExternalSecret routing');
  expect(objects.filter((name) => name.startsWith('Secret '))).toEqual([]);
  expect(out).toContain('key: company/monitoring/routing');
});

test('a mistake in the configuration is a problem in its file', async () => {
  const store = 'config:\n  edgeplane:secretStore:\n    nam: vault\n';
  const { code, out, words } = await runVerb(verb, [], { stack: 'production' }, { 'Pulumi.production.yaml': store });
  expect([code, out]).toEqual([1, '']);
  expect(words).toContain('Pulumi.production.yaml, config["edgeplane:secretStore"]');
});

test('several files and standard input are compiled together', async () => {
  const other = shop.replace('name: cart', 'name: basket').replaceAll('/cart', '/basket');
  const { code, out } = await runVerb(verb, [], { file: ['shop.yaml', '-'] }, { 'shop.yaml': shop, '-': other });
  expect(code).toBe(0);
  expect(kindsAndNames(out)).toEqual(expect.arrayContaining(['Deployment cart', 'Deployment basket']));
});

test('nothing is written to standard output while a problem stands, and every problem is told', async () => {
  const { code, out, words } = await runVerb(verb, [], { file: ['shop.yaml'] }, { 'shop.yaml': brokenShop });
  expect(code).toBe(1);
  expect(out).toBe('');
  for (const place of ['shop.yaml:5:', 'shop.yaml:7:', 'shop.yaml:13:']) expect(words).toContain(place);
  expect(words).toContain('nothing written');
});

const names = Object.keys(stacks).join(', ');

test.each([
  ['a file that is not there', { file: ['none.yaml'] }, 'cannot read none.yaml: no such file or directory'],
  ['standard input twice', { file: ['-', '-'] }, '-f - may be given once'],
  [
    'a stack with a typo',
    { stack: 'prodution' },
    `no stack is named "prodution", stacks are ${names}. Did you mean "production"?`,
  ],
  [
    'a stack named as an object field',
    { stack: 'constructor' },
    `no stack is named "constructor", stacks are ${names}.`,
  ],
])('%s is wrong usage', async (_, flags, message) => {
  await expect(runVerb(verb, [], flags, { '-': shop })).rejects.toMatchObject({ message, exitCode: 2 });
});

test('an edge that is not there yet is a problem that names the edges there are', async () => {
  const { code, words } = await runVerb(verb, [], { edge: 'gateway' });
  expect(code).toBe(1);
  expect(words).toContain('edge-not-available: environment local, edge: found "gateway"');
});
