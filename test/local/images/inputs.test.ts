import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ImageDefinition } from '../../../local/images/definition.ts';
import { candidates, contentTag, type ImageSources, readInputs } from '../../../local/images/inputs.ts';

let projectRoot: string;
beforeEach(async () => {
  projectRoot = await mkdtemp(path.join(tmpdir(), 'images-'));
});
afterEach(() => rm(projectRoot, { recursive: true }));

const unexpected = async (program: string) => {
  throw new Error(`${program} is not needed here`);
};
const sources = (run: ImageSources['run'] = unexpected): ImageSources => ({
  projectRoot,
  toolBinary: (t) => t,
  run,
  env: {},
});

const files: ImageDefinition = {
  kind: 'static',
  entrypoint: ['/app'],
  files: [{ path: '/app', source: { from: 'project', path: '.' } }],
};
const tagOf = async (definition: ImageDefinition, from = sources()) =>
  contentTag(definition, await readInputs(definition, from));

test('the tag is the same while nothing changes, and another once a file changes', async () => {
  await writeFile(path.join(projectRoot, 'a'), 'one');
  const before = await tagOf(files);
  expect(await tagOf(files)).toBe(before);
  await writeFile(path.join(projectRoot, 'a'), 'two');
  expect(await tagOf(files)).not.toBe(before);
});

test('a file that becomes executable, is renamed or is added changes the tag', async () => {
  await writeFile(path.join(projectRoot, 'a'), 'one');
  const seen = new Set([await tagOf(files)]);
  await writeFile(path.join(projectRoot, 'b'), 'one', { mode: 0o755 });
  seen.add(await tagOf(files));
  await rm(path.join(projectRoot, 'a'));
  seen.add(await tagOf(files));
  await rm(path.join(projectRoot, 'b'));
  await writeFile(path.join(projectRoot, 'b'), 'one', { mode: 0o644 });
  seen.add(await tagOf(files));
  expect(seen.size).toBe(4);
});

test('a changed setting changes the tag of the same files', () => {
  const input = [{ name: 'a', digest: '1' }];
  expect(contentTag(files, input)).not.toBe(contentTag({ ...files, env: { A: 'b' } }, input));
});

test('the order in which inputs are found does not change the tag', () => {
  const [a, b] = [
    { name: 'a', digest: '1' },
    { name: 'b', digest: '2' },
  ];
  expect(contentTag(files, [a, b])).toBe(contentTag(files, [b, a]));
});

test('a new version of a dependency that nobody named changes the tag of a Debian image', async () => {
  const debian: ImageDefinition = {
    kind: 'debian',
    variant: 'extract',
    packages: ['app'],
    files: [],
    entrypoint: ['x'],
  };
  const apt = (version: string) =>
    sources(async (_program, args) =>
      args[0] === 'depends' ? 'app\n  Depends: lib\nlib\n' : `lib:\n  Installed: (none)\n  Candidate: ${version}\n`,
    );
  expect(await tagOf(debian, apt('1.0'))).not.toBe(await tagOf(debian, apt('1.1')));
});

test('virtual packages, which have no candidate, are no inputs', () => {
  const policy = 'b:\n  Installed: 1\n  Candidate: 2\n  Version table:\na:\n  Installed: (none)\n  Candidate: (none)\n';
  expect(candidates(policy)).toEqual(['b=2']);
});

test('a missing input is named with the place it was meant for', async () => {
  const missing: ImageDefinition = { ...files, files: [{ path: '/x', source: { from: 'project', path: 'gone' } }] };
  await expect(tagOf(missing)).rejects.toThrow(/gone: no such file, expected it for \/x/);
});
