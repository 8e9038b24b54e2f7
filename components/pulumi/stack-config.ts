import { z } from 'zod';
import { holdAgainst } from '../model/form-problems.ts';
import { formatPath } from '../model/path.ts';
import type { Result } from '../model/problem.ts';
import { configValue, settingsNamespace, stackSettings } from '../model/stack-settings.ts';
import { gkeConfigSchema } from './cluster/gke-config.ts';

const existing = z
  .strictObject({
    kubeconfig: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^[^\n{}]+$/, { error: 'the path of a kubeconfig, not its contents: they may hold a token' })
      .optional()
      .describe('Path of a kubeconfig. Default: KUBECONFIG, or the default file.'),
    context: z.string().min(1).max(253).optional().describe('A context in it. Default: the current one.'),
  })
  .describe('A cluster that something else made.');

/** What `Pulumi.<stack>.yaml` may say under `edgeplane:`; everything else is data in `stacks/`. */
const stackConfigSchema = z
  .strictObject({
    cluster: z
      .union([
        z.strictObject({ existing: existing.describe('A cluster that something else made.') }),
        z.strictObject({ gke: gkeConfigSchema }),
      ])
      .describe('The cluster of the environment.'),
    keyGeneration: z.int().min(0).max(1_000_000).optional().describe('Rotations of the routing keys. Default: 0.'),
    ...stackSettings,
  })
  .describe('Configuration of a stack.');

export type StackConfig = z.output<typeof stackConfigSchema>;

/** Reads the configuration of a stack as Pulumi hands it over: texts by `edgeplane:key`, structures as JSON. */
export function parseStackConfig(stack: string, texts: Readonly<Record<string, string>>): Result<StackConfig> {
  const values = Object.fromEntries(
    Object.entries(texts).flatMap(([key, text]) =>
      key.startsWith(settingsNamespace) ? [[key.slice(settingsNamespace.length), configValue(text)]] : [],
    ),
  );
  const { value, findings } = holdAgainst(stackConfigSchema, values);
  if (value !== undefined && findings.length === 0) return { ok: true, value };
  const subject = `configuration of ${stack}`;
  return {
    ok: false,
    problems: findings.map(({ path, ...finding }) => ({ ...finding, at: { subject, path: formatPath(path) } })),
  };
}
