import { z } from 'zod';
import { holdAgainst } from '../components/model/form-problems.ts';
import { formatPath } from '../components/model/path.ts';
import type { Problem, Result } from '../components/model/problem.ts';
import type { Environment } from '../components/model/schema/environment.ts';
import { stackParts } from '../components/model/stack-part.ts';
import {
  configured,
  configValue,
  type StackSettings,
  settingsFile,
  settingsNamespace,
  stackSettings,
} from '../components/model/stack-settings.ts';
import type { Stack } from '../stacks/stack.ts';
import type { Io } from './io.ts';

const form = z.strictObject(stackSettings);

/**
 * The environment of a stack as `Pulumi.<stack>.yaml` changes it, so that what is rendered and checked is what Pulumi
 * brings. The cluster and what else only Pulumi needs is not looked at.
 */
export async function configuredEnvironment(
  stack: Stack,
  configuration: Io['configuration'],
): Promise<Result<Environment>> {
  const settings: StackSettings[] = [];
  const problems: Problem[] = [];
  for (const part of stackParts(stack.ownStacks ?? [])) {
    const file = settingsFile(stack.environment.name, part);
    const text = await configuration(file);
    const read = text === null ? null : await readSettings(text, file);
    if (read?.ok === true) settings.push({ part, ...read.value });
    if (read?.ok === false) problems.push(...read.problems);
  }
  return problems.length > 0 ? { ok: false, problems } : configured(stack, settings);
}

async function readSettings(text: string, file: string): Promise<Result<z.output<typeof form>>> {
  if (!Object.keys(stackSettings).some((key) => text.includes(`${settingsNamespace}${key}`)))
    return { ok: true, value: {} };
  const { parse } = await import('yaml');
  const values = settingsIn(parse(text) as unknown);
  const { value, findings } = holdAgainst(form, values);
  if (value !== undefined && findings.length === 0) return { ok: true, value };
  const problems = findings.map(({ path: [key, ...below], ...finding }) => ({
    ...finding,
    at: { subject: file, path: formatPath(['config', `${settingsNamespace}${key}`, ...below]) },
  }));
  return { ok: false, problems };
}

/** Structures stand as such, or as Pulumi hands them over: as JSON. */
function settingsIn(document: unknown): Readonly<Record<string, unknown>> {
  const config = (document as { readonly config?: Readonly<Record<string, unknown>> } | null)?.config ?? {};
  const found = Object.keys(stackSettings).flatMap((key): [string, unknown][] => {
    const value = config[`${settingsNamespace}${key}`];
    return value === undefined ? [] : [[key, typeof value === 'string' ? configValue(value) : value]];
  });
  return Object.fromEntries(found);
}
