import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { compile } from '../../components/compile/compile.ts';
import type { ObjectGroup } from '../../components/compile/output.ts';
import { toYaml } from '../../components/compile/to-yaml.ts';
import { formatProblem } from '../../components/model/problem.ts';
import { stacks } from '../../stacks/stacks.ts';

/** Whole output, reviewed by people. After a wanted change: `npx vitest run test/stacks --update`, then read the diff. */
const golden = path.resolve(__dirname, '../golden');
const today = '2026-11-21';

async function groupsOf(name: string): Promise<readonly ObjectGroup[]> {
  const { environment, apps } = await stacks[name]!();
  const outcome = compile({ environment, definitions: apps.map((input) => ({ input })), today });
  if (!outcome.ok) throw new Error([...outcome.problems.map(formatProblem), ...outcome.losses].join('\n'));
  return outcome.groups;
}

/** CRDs are the same wherever Traefik is the edge, so they have one golden file. */
function fileOf(stack: string, { kind, name }: ObjectGroup): string {
  return kind === 'crds' ? 'crds.yaml' : `${stack}/${name}.yaml`;
}

test.each(Object.keys(stacks))('the objects of %s are those that were reviewed', async (stack) => {
  for (const group of await groupsOf(stack)) {
    await expect(toYaml(group.objects)).toMatchFileSnapshot(path.join(golden, fileOf(stack, group)));
  }
});

test('every golden file belongs to a group that is still compiled', async () => {
  const expected = new Set<string>();
  for (const stack of Object.keys(stacks)) {
    for (const group of await groupsOf(stack)) expected.add(fileOf(stack, group));
  }
  const entries = await readdir(golden, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(golden, path.join(entry.parentPath, entry.name)));
  expect(files.toSorted()).toEqual([...expected].toSorted());
});

test.each(Object.keys(stacks))('%s compiles to the same bytes twice', async (stack) => {
  const texts = [await groupsOf(stack), await groupsOf(stack)].map((groups) => groups.map((g) => toYaml(g.objects)));
  expect(texts[0]).toEqual(texts[1]);
});

test.each(Object.keys(stacks))('the stack %s has the environment of its name', async (stack) => {
  expect((await stacks[stack]!()).environment.name).toBe(stack);
});
