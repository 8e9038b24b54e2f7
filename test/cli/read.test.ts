import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { verb as check } from '../../cli/verbs/check.ts';
import { verb as explain } from '../../cli/verbs/explain.ts';
import { verb as render } from '../../cli/verbs/render.ts';
import { verb as routes } from '../../cli/verbs/routes.ts';
import { runVerb, shop } from './fake-io.ts';

const legacy = readFileSync(path.resolve(__dirname, '../../examples/legacy.yaml'), 'utf8');
/** The same once somebody has thought about it: reasons for open routes, and TLS everywhere. */
const decided = legacy
  .replace(
    '  name: offers\n  namespace: shop\n  annotations:',
    (head) => `${head}\n    edgeplane.dev/open-reason: for everybody`,
  )
  .replace('  rules:\n    - host: offers', (rules) => `  tls: [{ hosts: [offers.example.org] }]\n${rules}`)
  .replace(
    '  name: reports\n  namespace: shop\n',
    (head) => `${head}  annotations: { edgeplane.dev/open-reason: health is asked from outside }\n`,
  );
const files = { 'shop.yaml': shop, 'legacy.yaml': legacy, 'decided.yaml': decided };

test('objects are listed without any stack, the unprotected ones by --open', async () => {
  const { code, out, words } = await runVerb(routes, [], { file: ['legacy.yaml'] }, files);
  expect({ code, words }).toEqual({
    code: 0,
    words: '4 of 4 routes of 3 objects (open: 2, cannot tell: 0, asks: 2)\n',
  });
  expect(out).toContain('forward auth: http://gate.shop.svc.cluster.local:8080/verify');
  const open = await runVerb(routes, [], { file: ['legacy.yaml'], open: true, format: 'json' }, files);
  expect(open.code).toBe(1);
  const allowed = await runVerb(routes, [], { file: ['legacy.yaml'], open: true, allow: ['open'] }, files);
  expect(allowed.code).toBe(0);
  expect(JSON.parse(open.out).map(({ object }: { object: string }) => object)).toEqual([
    'Ingress shop/offers',
    'IngressRoute shop/reports',
  ]);
});

test('notes alone are fine, a reference that leads nowhere is not', async () => {
  const fine = await runVerb(check, [], { file: ['decided.yaml'] }, files);
  expect({ code: fine.code, words: fine.words }).toEqual({
    code: 0,
    words:
      '4 routes of 3 objects (open: 2, cannot tell: 0, asks: 2): no problems, no losses, no doubts, 2 notes, no violations\n',
  });
  expect(fine.out).toContain('note snippet: decided.yaml:32:5: Ingress shop/offers');
  const dangling = decided.replace('name: users\n      services', 'name: nobody\n      services');
  const broken = await runVerb(check, [], { file: ['legacy.yaml'] }, { 'legacy.yaml': dangling });
  expect(broken.code).toBe(1);
  expect(broken.out).toMatch(/^problem missing-reference: legacy.yaml:\d+:\d+: IngressRoute shop\/reports/m);
});

test('SARIF holds notes as notes', async () => {
  const { out } = await runVerb(check, [], { file: ['decided.yaml'], format: 'sarif' }, files);
  const levels = JSON.parse(out).runs[0].results.map(({ level }: { level: string }) => level);
  expect(new Set(levels)).toEqual(new Set(['note']));
});

test('definitions and objects stand side by side in one call', async () => {
  const flags = { file: ['shop.yaml', 'decided.yaml'] };
  const { code, words } = await runVerb(check, [], flags, files);
  expect(code).toBe(0);
  expect(words.split('\n').filter((line) => !line.startsWith('exempt until'))).toEqual([
    'local on traefik: 1 apps, 2 routes, nothing to mend',
    '4 routes of 3 objects (open: 2, cannot tell: 0, asks: 2): no problems, no losses, no doubts, 2 notes, no violations',
    '',
  ]);
  const table = await runVerb(routes, [], { ...flags, format: 'json' }, files);
  expect(JSON.parse(table.out)).toHaveLength(6);
});

test('explain says which object takes a request and what reaches its app', async () => {
  const { out } = await runVerb(
    explain,
    ['GET', 'https://offers.example.org/offers/1?x=2'],
    { file: ['legacy.yaml'] },
    files,
  );
  expect(out).toContain('route    Ingress shop/offers');
  expect(out).toContain('as       GET /1?x=2');
});

test('octal numbers of other objects of a file are no problem of ours', async () => {
  const pod = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\nmode: 0644\n---\n';
  const { code } = await runVerb(check, [], { file: ['legacy.yaml'] }, { 'legacy.yaml': pod + decided });
  expect(code).toBe(0);
});

test('render takes definitions only', async () => {
  const { code, words } = await runVerb(render, [], { file: ['legacy.yaml'] }, files);
  expect(code).toBe(1);
  expect(words).toContain('unknown-kind');
});

test('a cluster is asked for the kinds it has, and for no Secret', async () => {
  const asked: string[] = [];
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }],
  };
  const { code, words } = await runVerb(routes, [], { context: 'staging' }, {}, async (_, args) => {
    asked.push(args.join(' '));
    const out = args.includes('api-resources')
      ? 'services\ningresses.networking.k8s.io\nsecrets\n'
      : JSON.stringify(list);
    return { code: 0, out, words: '' };
  });
  expect({ code, words }).toEqual({
    code: 0,
    words: '0 of 0 routes of 0 objects (open: 0, cannot tell: 0, asks: 0)\n',
  });
  expect(asked[1]).toBe(
    '--context staging --request-timeout=30s get ingresses.networking.k8s.io,services --all-namespaces -o json',
  );
});

test.each([
  [null, '', 'there is no kubectl. Install kubectl'],
  [1, 'error: context "staging" does not exist', 'kubectl config get-contexts'],
  [1, 'Unable to connect to the server: dial tcp', 'kubectl --context staging version'],
])(
  'a cluster that cannot be read (%s %s) is the world’s failure and says how to mend it',
  async (code, words, mending) => {
    const run = runVerb(routes, [], { context: 'staging' }, {}, async () => ({ code, out: '', words }));
    await expect(run).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining(mending) });
  },
);

test('a reference to what is not there is lived with by an exemption, until its day', async () => {
  const dangling = decided.replace('name: users\n      services', 'name: nobody\n      services');
  const exemption = (until: string, object = '*/IngressRoute/shop/reports') =>
    `- { rule: missing-reference, object: '${object}', reason: another team keeps it, owner: edge, until: ${until} }\n`;
  const run = (text: string) =>
    runVerb(
      check,
      [],
      { file: ['x.yaml'], exemptions: 'exemptions.yaml', allow: ['cannot-tell'] },
      { 'x.yaml': dangling, 'exemptions.yaml': text },
    );
  const held = await run(exemption('2027-01-01'));
  expect(held.words).toContain('exempt until 2027-01-01: missing-reference (another team keeps it)');
  expect([held.code, held.out.includes('missing-reference')]).toEqual([0, false]);
  const over = await run(exemption('2026-01-01'));
  expect([over.code, over.out]).toEqual([1, expect.stringContaining('exemption-expired')]);
  const unused = await run(exemption('2027-01-01', '*/IngressRoute/shop/other'));
  expect([unused.code, unused.words]).toEqual([1, expect.stringContaining('unused exemption: missing-reference')]);
});

test('a route that cannot be told makes check exit with 1, unless that is allowed', async () => {
  const plugin = `${decided}---\napiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: { name: users, namespace: shop }\nspec: { plugin: { oidc: {} } }\n`;
  const only = plugin.replace(
    /---\napiVersion: traefik.io\/v1alpha1\nkind: Middleware\nmetadata:\n {2}name: users[\s\S]*?(?=---)/,
    '',
  );
  const strict = await runVerb(check, [], { file: ['x.yaml'] }, { 'x.yaml': only });
  expect([strict.code, strict.out]).toEqual([1, expect.stringContaining('cannot tell untold-protection')]);
  const lax = await runVerb(check, [], { file: ['x.yaml'], allow: ['cannot-tell'] }, { 'x.yaml': only });
  expect(lax.code).toBe(0);
});
