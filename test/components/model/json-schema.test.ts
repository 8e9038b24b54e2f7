import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { jsonSchema } from '../../../components/model/json-schema.ts';
import { reference } from '../../../components/model/reference.ts';
import { badApps, goodApp } from './bad-definitions.ts';

function file(path: string): string {
  return readFileSync(join(__dirname, '../../..', path), 'utf8');
}

const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(jsonSchema());

test('the JSON Schema in the repository is current (npm run schema)', () => {
  expect(JSON.parse(file('schema/edgeplane.v1.json'))).toEqual(JSON.parse(JSON.stringify(jsonSchema())));
});

test('the reference in the repository is current (npm run schema)', () => {
  expect(file('docs/app-reference.md')).toBe(reference());
});

test('the JSON Schema takes what parse takes', () => {
  const routes = [
    {
      hosts: ['shop.example.org'],
      paths: ['/cart', { exact: '/x' }],
      protection: { open: 'a public page of the shop' },
    },
  ];
  expect(validate({ ...goodApp, routes }), JSON.stringify(validate.errors)).toBe(true);
  const service = { name: 'grafana', ports: { web: 3000 } };
  expect(validate({ apiVersion: 'edgeplane/v1', kind: 'EdgeRoutes', name: 'grafana', service, routes })).toBe(true);
});

test('the JSON Schema refuses what an editor can see: unknown fields, wrong kinds, wrong forms', () => {
  const wrong = [
    { imag: 'x' },
    { replicas: '3' },
    { routes: [{ hosts: ['A.example.org'] }] },
    { probes: undefined },
    { kind: 'Apps' },
  ];
  for (const change of wrong) expect(validate(JSON.parse(JSON.stringify({ ...goodApp, ...change })))).toBe(false);
});

test('what the JSON Schema refuses in the corpus, parse refuses too: at least half of the corpus', () => {
  const refused = badApps.filter(({ input }) => !validate(JSON.parse(JSON.stringify({ ...goodApp, ...input }))));
  expect(refused.length).toBeGreaterThan(badApps.length / 2);
});

test('every field of the form has words', () => {
  const rows = reference()
    .split('\n')
    .filter((line) => /^\| (?:\*\*)?`/.test(line));
  expect(rows.length).toBeGreaterThan(150);
  expect(rows.filter((row) => / \| +\|$/.test(row))).toEqual([]);
});
