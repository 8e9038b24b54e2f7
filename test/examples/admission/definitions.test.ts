import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from '../../../components/compile/compile.ts';
import type { KubeObject } from '../../../components/compile/output.ts';
import { catalogue } from '../../../local/images/catalogue.ts';
import type { ImageDefinition } from '../../../local/images/definition.ts';
import { aliasesIn } from '../../../local/images/reference.ts';
import { admission } from '../../../stacks/apps/admission.ts';
import { environment } from '../../../stacks/local.ts';

const system = admission('k8s-traefik.info');

function objects(): readonly KubeObject[] {
  const outcome = compile({ environment, definitions: system.map((input) => ({ input })), today: '2026-11-21' });
  if (!outcome.ok) throw new Error(JSON.stringify([outcome.problems, outcome.losses]));
  return outcome.groups.filter(({ kind }) => kind === 'app').flatMap((group) => group.objects);
}

test('every image of the system is in the catalogue, made of files that exist', () => {
  const names = aliasesIn(objects());
  expect(names).toEqual(['forward-auth', 'pybackend', 'rbackend']);
  for (const name of names) {
    const definition: ImageDefinition = catalogue[name as keyof typeof catalogue];
    const sources = definition.kind === 'debian' ? definition.files.map(({ source }) => source) : [];
    const missing = sources.filter((source) => source.from !== 'project' || !existsSync(source.path));
    expect({ name, missing, some: sources.length > 0 }).toEqual({ name, missing: [], some: true });
  }
});

test('the token of forward auth is a Secret by reference: no object holds a value', () => {
  const text = JSON.stringify(objects());
  expect(text).toContain('"secretName":"forward-auth"');
  expect(objects().filter(({ kind }) => kind === 'Secret')).toEqual([]);
  expect(text).not.toContain('foobar');
});
