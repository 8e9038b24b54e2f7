import type { ParsedDefinition, ParsedEnvironment } from '../../model/definition.ts';
import type { Result } from '../../model/problem.ts';
import type { Plan } from '../plan.ts';

/** Fills in every default and resolves every reference, or gives every problem of all apps and namespaces at once. */
export function resolve(environment: ParsedEnvironment, definitions: readonly ParsedDefinition[]): Result<Plan> {
  throw new Error(`not here yet: ${environment.name} ${definitions.length}`);
}
