import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { brokenShop, shop } from './fake-io.ts';

const root = path.resolve(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'edgeplane-command-line-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(path.join(folder, 'shop.yaml'), shop);
writeFileSync(path.join(folder, 'broken.yaml'), brokenShop);

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly words: string;
}

/** The real program in the folder, as a script would start it. */
function edgeplane(args: readonly string[], input = '', node: readonly string[] = []): Ran {
  const entry = path.join(root, 'cli/edgeplane.cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, entry, ...args], {
    cwd: folder,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return { code: status, out: stdout, words: stderr };
}

test('0: rendered YAML on standard output, nothing on standard error', () => {
  const { code, out, words } = edgeplane(['render', '-f', 'shop.yaml']);
  expect({ code, words }).toEqual({ code: 0, words: '' });
  expect(out).toMatch(/^apiVersion: /);
});

test('definitions come from standard input', () => {
  const { code, words } = edgeplane(['check', '-f', '-'], shop);
  expect(code).toBe(0);
  expect(words).toMatch(/(^|\n)local on traefik: 1 apps, 2 routes, nothing to mend\n$/);
});

test('1: problems, and no file is written or changed', () => {
  const before = readdirSync(folder);
  const { code, out, words } = edgeplane(['render', '-f', 'broken.yaml']);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(words).toContain('broken.yaml:7:');
  expect(readdirSync(folder)).toEqual(before);
});

test.each([
  ['no verb', [], 'Usage: edgeplane'],
  ['a verb with a typo', ['rendr'], "error: unknown command 'rendr'\n(Did you mean render?)\n"],
  ['a stack with a typo', ['check', '--stack', 'stageing'], 'Did you mean "staging"?'],
  ['a format that does not exist', ['check', '--format', 'xml'], 'Allowed choices are text, json, sarif, junit.'],
])('2: %s', (_, args, message) => {
  const { code, out, words } = edgeplane(args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(words).toContain(message);
});

test('a verb has a help text with examples', () => {
  const { code, out } = edgeplane(['check', '--help']);
  expect(code).toBe(0);
  expect(out).toContain('Usage: edgeplane check');
  expect(out).toContain('Examples:\n  edgeplane check');
});

test('a reader that closes early is no failure', () => {
  const entry = path.join(root, 'cli/edgeplane.cjs');
  const { stdout, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${entry}" render | head -n 1`], {
    encoding: 'utf8',
  });
  expect({ stdout, stderr }).toEqual({ stdout: 'apiVersion: apiextensions.k8s.io/v1\n', stderr: '' });
});

test('check loads neither cdk8s nor Pulumi, nor a YAML parser it does not need', () => {
  const trace = path.join(folder, 'trace.cjs');
  const loaded = 'console.log(Object.keys(require.cache).join("\\n"))';
  writeFileSync(trace, `process.on("exit", () => { ${loaded} });`);
  const { code, out } = edgeplane(['check', '--stack', 'production'], '', ['--require', trace]);
  expect(code).toBe(0);
  const packages = new Set([...out.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)/g)].map(([, name]) => name));
  expect(packages).toContain('zod');
  expect([...packages].filter((name) => /^(@pulumi|cdk8s|constructs|yaml)/.test(String(name)))).toEqual([]);
});
