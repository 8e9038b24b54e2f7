import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stageProject } from '../../../scripts/test-pulumi/project.ts';
import { runAsPulumi } from './fake-engine.ts';
import { platformOutputs, root } from './stack-runs.ts';

/** The copy that `npm run test:pulumi` gives to the CLI. */
const folder = mkdtempSync(join(tmpdir(), 'edgeplane-program-'));
beforeAll(() => stageProject(root, folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const stacks = { 'organization/edgeplane/local': platformOutputs('traefik') };
const run = (stack: string, config: Readonly<Record<string, string>>) =>
  runAsPulumi({ root: folder, stack, config, stacks });

test('the program, loaded as the language host loads it, brings platform and apps and exports outputs', async () => {
  const cluster = { 'edgeplane:cluster': '{"existing":{"context":"edgeplane-local"}}' };
  const [platform, apps] = await Promise.all([run('local', cluster), run('local-apps', {})]);
  expect([platform.exitCode, platform.stderr]).toEqual([0, '']);
  expect([apps.exitCode, apps.stderr]).toEqual([0, '']);
  expect(platform.outputs.get('urn:pulumi:local::edgeplane::pulumi:pulumi:Stack::edgeplane-local')).toMatchObject({
    environment: 'local',
    edge: 'traefik',
    cluster: { context: 'edgeplane-local' },
  });
  expect(platform.resources.map(({ type }) => type)).toContain('kubernetes:apps/v1:DaemonSet');
  const types = apps.resources.map(({ type }) => type);
  expect(types).toContain('edgeplane:app:EdgeApp');
  expect(types).not.toContain('kubernetes:core/v1:Namespace');
});
