import type { Origin, ParsedDefinition, ParsedEnvironment } from './definition.ts';
import type { Problem, Result } from './problem.ts';
import { appSchema, edgeRoutesSchema } from './schema/app.ts';
import { environmentSchema } from './schema/environment.ts';

/** One definition and where it came from. */
export interface Source {
  readonly input: unknown;
  readonly origin?: Origin;
}

/** Reads one definition. Every problem of it comes at once; no input makes it throw. */
export function parseDefinition(input: unknown, origin?: Origin): Result<ParsedDefinition> {
  const { apiVersion: _version, kind, ...fields } = input as Record<string, unknown>;
  const subject = `app ${String(fields.name)}`;
  const base = origin === undefined ? { subject } : { subject, origin };
  if (kind === 'EdgeRoutes') return { ok: true, value: { kind, value: edgeRoutesSchema.parse(fields), ...base } };
  return { ok: true, value: { kind: 'App', value: appSchema.parse(fields), ...base } };
}

/** Reads many definitions: all of them, or every problem of all of them. */
export function parseDefinitions(sources: readonly Source[]): Result<readonly ParsedDefinition[]> {
  return collect(sources.map(({ input, origin }) => parseDefinition(input, origin)));
}

/** Reads an environment. */
export function parseEnvironment(input: unknown): Result<ParsedEnvironment> {
  return { ok: true, value: environmentSchema.parse(input) };
}

/** All values, or all problems. */
export function collect<T>(results: readonly Result<T>[]): Result<readonly T[]> {
  const problems: Problem[] = [];
  const values: T[] = [];
  for (const result of results) {
    if (result.ok) values.push(result.value);
    else problems.push(...result.problems);
  }
  return problems.length === 0 ? { ok: true, value: values } : { ok: false, problems };
}
