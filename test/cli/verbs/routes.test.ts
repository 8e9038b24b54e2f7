import { expect, test } from 'vitest';
import { verb } from '../../../cli/verbs/routes.ts';
import { brokenShop, runVerb, shop } from '../fake-io.ts';

const files = { 'shop.yaml': shop };

test('the table says host, path, methods, target, protection, TLS and priority, the first asked on top', async () => {
  const { code, out, words } = await runVerb(verb, [], { stack: 'local', file: ['shop.yaml'] }, files);
  expect(code).toBe(0);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
  expect(lines[0]).toEqual(['HOST', 'PATH', 'METHODS', 'TO', 'PROTECTION', 'TLS', 'PRIORITY']);
  expect(lines.slice(1).map((line) => line.slice(0, 6))).toEqual([
    ['shop.example.org', '/cart/staff/…', 'GET with x-team: shop', 'shop/cart:80', 'API key: routing:api-key', 'off'],
    ['shop.example.org', '/cart/…', '(any)', 'shop/cart:80', 'open: a shop window that everyone may look at', 'off'],
  ]);
  expect(Number(lines[1]?.[6])).toBeGreaterThan(Number(lines[2]?.[6]));
  expect(words).toBe('local on traefik: 2 of 2 routes\n');
});

test('--open lists only routes that ask nobody', async () => {
  const { out, words } = await runVerb(verb, [], { file: ['shop.yaml'], open: true, format: 'json' }, files);
  const rows = JSON.parse(out);
  expect(rows.map((row: { protection: { kind: string } }) => row.protection.kind)).toEqual(['open']);
  expect(words).toBe('local on traefik: 1 of 2 routes\n');
});

test('JSON rows carry the whole match and who is asked', async () => {
  const { out } = await runVerb(verb, [], { file: ['shop.yaml'], format: 'json' }, files);
  expect(JSON.parse(out)[0]).toMatchObject({
    id: 'shop/cart/staff',
    match: { path: { kind: 'prefix', path: '/cart/staff' }, methods: ['GET'] },
    protection: { kind: 'apiKey', secret: 'routing', key: 'api-key' },
  });
});

test('an environment with problems has no table', async () => {
  const { code, out } = await runVerb(verb, [], { file: ['shop.yaml'] }, { 'shop.yaml': brokenShop });
  expect({ code, out }).toEqual({ code: 1, out: '' });
});
