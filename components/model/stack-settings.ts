import { z } from 'zod';
import { type Definition, defineEnvironment } from './define.ts';
import { formatPath, type Path } from './path.ts';
import type { Problem, Result } from './problem.ts';
import { type Environment, secretStoreSchema } from './schema/environment.ts';
import { bringsApp, type StackPart, stackName, stackParts } from './stack-part.ts';

/** Routes and who may pass are what the platform of an environment is made from, so they have one source. */
const workloadOverlay = z
  .record(z.string(), z.unknown())
  .refine((fields) => !['routes', 'protection', 'namespace'].some((field) => Object.hasOwn(fields, field)), {
    error: 'fields of the workload; routes and protection are changed in stacks/',
  });

/**
 * What the configuration of a stack, `Pulumi.<stack>.yaml`, may change of what `stacks/` says. Every road reads it:
 * what Pulumi brings is what is rendered, checked and explained.
 */
export const stackSettings = {
  secretStore: secretStoreSchema
    .optional()
    .describe('Store of External Secrets that has the routing keys. Default: that of the environment in stacks/.'),
  overlays: z
    .record(z.string(), workloadOverlay)
    .optional()
    .describe('Changes to the workloads of the apps this stack brings, over the overlays of the environment.'),
};

/** What stands before our keys in the configuration of a stack. */
export const settingsNamespace = 'edgeplane:';

/** Pulumi hands numbers over as text and structures as JSON; what is neither is the text itself. */
export function configValue(text: string): unknown {
  if (!/^(?:[[{]|-?[0-9]+$|true$|false$)/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The settings in the configuration of one stack. */
export interface StackSettings {
  readonly part: StackPart;
  readonly secretStore?: Environment['secretStore'];
  readonly overlays?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
}

/** An environment, its apps, and which of them have stacks of their own. */
export interface ConfigurableStack {
  readonly environment: Environment;
  readonly apps: readonly Definition[];
  readonly ownStacks?: readonly string[];
}

/** Name of the file with the configuration of a stack. */
export function settingsFile(environment: string, part: StackPart): string {
  return `Pulumi.${stackName(environment, part)}.yaml`;
}

/** The environment as configuration changes it. A setting in a file whose stack brings nothing of it is a problem. */
export function configured(stack: ConfigurableStack, settings: readonly StackSettings[]): Result<Environment> {
  const problems = settings.flatMap((one) => misplaced(stack, one));
  if (problems.length > 0) return { ok: false, problems };
  const { environment } = stack;
  const layers = settings.flatMap(({ part, overlays = {} }) =>
    Object.keys(overlays).length === 0 ? [] : [{ file: settingsFile(environment.name, part), overlays }],
  );
  const secretStore = settings.find((one) => one.secretStore !== undefined)?.secretStore ?? environment.secretStore;
  if (layers.length === 0 && secretStore === environment.secretStore) return { ok: true, value: environment };
  const value = defineEnvironment({
    ...environment,
    ...(secretStore === undefined ? {} : { secretStore }),
    ...(layers.length === 0 ? {} : { configuredOverlays: layers }),
  });
  return { ok: true, value };
}

function misplaced(stack: ConfigurableStack, { part, secretStore, overlays = {} }: StackSettings): readonly Problem[] {
  const { environment, apps, ownStacks = [] } = stack;
  const problem = (path: Path, found: string, stands: StackPart): Problem => ({
    code: 'configured-elsewhere',
    at: { subject: settingsFile(environment.name, part), path: formatPath(['config', ...path]) },
    found,
    expected: `what the stack ${stackName(environment.name, part)} brings`,
    fix: `Set it in ${settingsFile(environment.name, stands)}.`,
  });
  const store =
    secretStore === undefined || part.kind === 'platform'
      ? []
      : [problem(['edgeplane:secretStore'], 'the store of the platform', { kind: 'platform' })];
  const elsewhere = Object.keys(overlays).flatMap((key) => {
    const app = apps.find(({ name, namespace = environment.namespace }) =>
      [name, `${namespace}/${name}`].includes(key),
    );
    if (app === undefined || bringsApp(part, app.name, ownStacks)) return [];
    const stands = stackParts(ownStacks).find((one) => bringsApp(one, app.name, ownStacks)) ?? part;
    return [problem(['edgeplane:overlays', key], `an overlay for ${app.name}`, stands)];
  });
  return [...store, ...elsewhere];
}
