import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { processIo } from '../../cli/io.ts';
import { verb as check } from '../../cli/verbs/check.ts';
import { verb as routes } from '../../cli/verbs/routes.ts';
import { runVerb } from './fake-io.ts';

const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: cart, namespace: shop }
spec:
  ingressClassName: nginx
  rules: [{ host: shop.test, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: cart, port: { number: 80 } } } }] } }]
`;
const release = 'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: cart, namespace: shop }\n';
const files = {
  'gitops/apps/cart.yaml': ingress,
  'gitops/apps/kustomization.yaml': 'resources: [cart.yaml]\n',
  'gitops/chart/Chart.yaml': 'apiVersion: v2\nname: cart\nversion: 1.0.0\n',
  'gitops/chart/values.yaml': 'image: cart\n',
  'gitops/chart/templates/cart.yaml': `${ingress.replace('name: cart', 'name: {{ include "cart.name" . }}')}`,
  'gitops/release.yaml': release,
  'gitops/renovate.json': '{ "extends": ["config:base"] }',
};

test('of a folder as people have it the objects are read, and all else is named', async () => {
  const { out, words } = await runVerb(routes, [], { file: ['gitops'] }, files);
  expect(out).toContain('shop.test');
  expect(words.split('\n')).toEqual([
    '1 of 1 route of 1 object (open: 1, cannot tell: 0, asks: 0)',
    'gitops/apps is for kustomize, which may change it; render it first: kustomize build gitops/apps | edgeplane routes --open -f -',
    'gitops/chart is a Helm chart; render it first: helm template gitops/chart | edgeplane routes --open -f -',
    '1 template of Helm passed over, as gitops/chart/templates/cart.yaml',
    '1 HelmRelease not read: render its chart by helm template, or read the cluster by --context',
    '2 documents that are no Kubernetes objects passed over: gitops/chart/values.yaml, gitops/renovate.json',
    '',
  ]);
});

test('a definition of ours in a folder is still held to its form', async () => {
  const broken = { ...files, 'gitops/app.yaml': 'apiVersion: edgeplane/v2\nkind: App\nname: cart\n' };
  const { code, out } = await runVerb(check, [], { file: ['gitops'] }, broken);
  expect(code).toBe(1);
  expect(out).toContain('gitops/app.yaml:1');
});

test('--class and --allow refuse what they do not know', async () => {
  await expect(runVerb(routes, [], { file: ['gitops'], class: ['x=kong'] }, files)).rejects.toMatchObject({
    exitCode: 2,
  });
  await expect(runVerb(routes, [], { file: ['gitops'], open: true, allow: ['all'] }, files)).rejects.toMatchObject({
    exitCode: 2,
  });
});

const folder = mkdtempSync(join(tmpdir(), 'folders-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('links that lead in circles, .git and node_modules are left alone', async () => {
  for (const below of ['.git', 'node_modules/x', 'apps']) mkdirSync(join(folder, below), { recursive: true });
  for (const file of ['.git/a.yaml', 'node_modules/x/b.yaml', 'apps/c.yaml', 'd.json', 'e.txt'])
    writeFileSync(join(folder, file), '');
  symlinkSync(folder, join(folder, 'apps/circle'));
  symlinkSync(join(folder, 'd.json'), join(folder, 'apps/linked.json'));
  symlinkSync(join(folder, 'gone.yaml'), join(folder, 'apps/gone.yaml'));
  expect(await processIo().list(folder)).toEqual(
    ['apps/c.yaml', 'apps/linked.json', 'd.json'].map((file) => join(folder, file)),
  );
});
