import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Graph, previewStack, type World } from '../../../components/pulumi/preview.ts';
import { stacks } from '../../../stacks/stacks.ts';

export const root = join(__dirname, '../../..');
export const environments = Object.keys(stacks);
export const today = '2026-11-21';

/** The configuration of an environment as Pulumi hands it over. */
export function configOf(environment: string): Readonly<Record<string, string>> {
  const file = parse(readFileSync(join(root, `Pulumi.${environment}.yaml`), 'utf8')) as {
    readonly config: Readonly<Record<string, unknown>>;
  };
  return Object.fromEntries(
    Object.entries(file.config).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** What the platform of an environment left in its outputs. */
export const platformOutputs = (edge: string) => ({
  edge,
  cluster: { context: 'some', identifier: 'some' },
});

/** Runs one stack of an environment by mocks, as before its first update. */
export async function graphOf(stack: string, world: Partial<World> = {}): Promise<Graph> {
  const environment = environments.find((name) => stack === name || stack.startsWith(`${name}-`)) ?? '';
  const config = stack === environment ? configOf(environment) : {};
  const data = await stacks[environment]?.();
  const platform = stack === environment ? {} : platformOutputs(data?.environment.edge ?? '');
  return previewStack({ stack, environments: stacks, config, today }, { preview: true, platform, ...world });
}

/** Every stack of an environment: the platform, the apps, and each app that stands alone. */
export async function stacksOf(environment: string): Promise<readonly string[]> {
  const { ownStacks = [] } = (await stacks[environment]?.()) ?? {};
  return [environment, `${environment}-apps`, ...ownStacks.map((app) => `${environment}-${app}`)];
}
