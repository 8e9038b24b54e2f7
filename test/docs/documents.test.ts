import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { commandsOf, documents, fencesOf, root } from './fences.ts';

mkdirSync(path.join(root, 'build'), { recursive: true });
const scratch = mkdtempSync(path.join(root, 'build/documents-'));
afterAll(() => rmSync(scratch, { recursive: true }));

test.each(commandsOf(''))('%s: `%s` runs', { timeout: 120_000 }, (_, command) => {
  const { status, stderr } = spawnSync('sh', ['-ec', command], { cwd: root, encoding: 'utf8' });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
});

test.each(commandsOf('fails'))('%s: `%s` finds something', { timeout: 120_000 }, (_, command) => {
  const { status } = spawnSync('sh', ['-ec', command], { cwd: root, encoding: 'utf8' });
  expect(status).toBe(1);
});

test('a YAML block that names a file is that file', () => {
  const named = documents.flatMap(fencesOf).filter(({ language, word }) => language === 'yaml' && word !== '');
  expect(named.map(({ word }) => word)).toContain('examples/shop.yaml');
  for (const { word, text } of named) expect(text).toBe(readFileSync(path.join(root, word), 'utf8'));
});

test('the TypeScript of the README runs and writes YAML', { timeout: 60_000 }, () => {
  const [fence] = fencesOf('README.md').filter(({ language }) => language === 'ts');
  const program = path.join(scratch, 'readme.ts');
  writeFileSync(program, fence!.text.replaceAll("from './", `from '${root}/`));
  const out = path.join(scratch, 'out');
  const env = { ...process.env, CDK8S_OUTDIR: out };
  const { status, stderr } = spawnSync(process.execPath, ['--require', 'tsx', program], { env, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const written = readdirSync(out)
    .map((file) => readFileSync(path.join(out, file), 'utf8'))
    .join('---\n');
  const kinds = [parseAllDocuments(written)].flat().map((document) => document.getIn(['kind']));
  expect(kinds).toEqual(expect.arrayContaining(['Deployment', 'Service', 'IngressRoute']));
});

test('every link to a file leads to one', () => {
  const broken = documents.flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = '']) => link);
    return links.filter((link) => !existsSync(path.join(root, path.dirname(file), link)));
  });
  expect(broken).toEqual([]);
});

test('synth writes each environment as a folder an app, CRDs and platform apart', () => {
  const production = path.join(root, 'dist/production');
  const folders = ['crds', 'platform', 'admission/pybackend', 'monitoring/dashboards'];
  expect(folders.filter((folder) => !existsSync(path.join(production, folder)))).toEqual([]);
});

test.each([
  ['examples/gitops/argo/applications.yaml', /path: (production\/\S+)/g],
  ['examples/gitops/flux/kustomizations.yaml', /path: \.\/(production\/\S+)/g],
])('%s names only folders that synth writes', (file, pattern) => {
  const text = readFileSync(path.join(root, file), 'utf8');
  for (const document of [parseAllDocuments(text)].flat()) expect(document.errors).toEqual([]);
  const paths = [...text.matchAll(pattern)].map(([, folder = '']) => folder.replace(/\/\*.*$/, ''));
  expect(paths.length).toBeGreaterThanOrEqual(3);
  expect(paths.filter((folder) => !existsSync(path.join(root, 'dist', folder)))).toEqual([]);
});
