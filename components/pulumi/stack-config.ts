import { z } from 'zod';
import { holdAgainst } from '../model/form-problems.ts';
import { formatPath } from '../model/path.ts';
import type { Result } from '../model/problem.ts';
import { objectName } from '../model/schema/leaf.ts';
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

/** Routes and who may pass are what the platform of an environment is made from, so they have one source. */
const workloadOverlay = z
  .record(z.string(), z.unknown())
  .refine((fields) => !['routes', 'protection', 'namespace'].some((field) => Object.hasOwn(fields, field)), {
    error: 'fields of the workload; routes and protection are changed in stacks/',
  });

/** What `Pulumi.<environment>.yaml` may say under `edgeplane:`; everything else is data in `stacks/`. */
const stackConfigSchema = z
  .strictObject({
    cluster: z
      .union([
        z.strictObject({ existing: existing.describe('A cluster that something else made.') }),
        z.strictObject({ gke: gkeConfigSchema }),
      ])
      .describe('The cluster of the environment.'),
    keyGeneration: z.int().min(0).max(1_000_000).optional().describe('Rotations of the routing keys. Default: 0.'),
    secretStore: z
      .strictObject({
        name: objectName.describe('Its name.'),
        kind: z.enum(['SecretStore', 'ClusterSecretStore']).optional().describe('Default: ClusterSecretStore.'),
        prefix: z
          .string()
          .max(200)
          .regex(/^[A-Za-z0-9_/-]*$/, { error: 'letters, digits, _, - and /' })
          .optional()
          .describe('Stands before <namespace>/<secret>. Default: nothing.'),
      })
      .optional()
      .describe('Store of External Secrets that has the routing keys. Default: they are made here.'),
    overlays: z
      .record(z.string(), workloadOverlay)
      .optional()
      .describe('Changes to the workloads of apps, as overlays of an environment, over those in stacks/.'),
  })
  .describe('Configuration of a stack.');

export type StackConfig = z.output<typeof stackConfigSchema>;

const namespace = 'edgeplane:';

/** Reads the configuration of a stack as Pulumi hands it over: texts by `edgeplane:key`, structures as JSON. */
export function parseStackConfig(stack: string, texts: Readonly<Record<string, string>>): Result<StackConfig> {
  const values = Object.fromEntries(
    Object.entries(texts).flatMap(([key, text]) =>
      key.startsWith(namespace) ? [[key.slice(namespace.length), decoded(text)]] : [],
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

/** Pulumi hands numbers over as text and structures as JSON; what is neither is the text itself. */
function decoded(text: string): unknown {
  if (!/^(?:[[{]|-?[0-9]+$|true$|false$)/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
