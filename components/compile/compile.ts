import type { ParsedDefinition, ParsedEnvironment } from '../model/definition.ts';
import { parseDefinitions, parseEnvironment, type Source } from '../model/parse.ts';
import type { Loss, Problem } from '../model/problem.ts';
import type { ObjectGroup } from './output.ts';
import type { AcceptedLoss, Plan } from './plan.ts';
import type { Change, Transform } from './transform.ts';

export interface CompileInput {
  readonly environment: unknown;
  readonly definitions: readonly Source[];
  /** The day expiries are judged by, YYYY-MM-DD. The shells pass it: this function has no clock. */
  readonly today: string;
  /** By `namespace/app`. */
  readonly transforms?: ReadonlyMap<string, Transform>;
}

export interface ParsedInput extends Omit<CompileInput, 'environment' | 'definitions'> {
  readonly environment: ParsedEnvironment;
  readonly definitions: readonly ParsedDefinition[];
}

export type CompileOutcome =
  | {
      readonly ok: true;
      readonly plan: Plan;
      /** In the order they are applied: CRDs, platform, apps by name. */
      readonly groups: readonly ObjectGroup[];
      readonly acceptedLosses: readonly { readonly loss: Loss; readonly acceptance: AcceptedLoss }[];
      /** What transforms changed. */
      readonly changes: readonly Change[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly losses: readonly Loss[] };

/** From what authors write to objects, or every problem and every unaccepted loss. Pure: the same input gives the same bytes. */
export function compile(input: CompileInput): CompileOutcome {
  const environment = parseEnvironment(input.environment);
  const definitions = parseDefinitions(input.definitions);
  if (environment.ok && definitions.ok)
    return compileParsed({ ...input, environment: environment.value, definitions: definitions.value });
  const problems = [...(environment.ok ? [] : environment.problems), ...(definitions.ok ? [] : definitions.problems)];
  return { ok: false, problems, losses: [] };
}

/** As `compile`, for definitions that are parsed already. */
export function compileParsed(input: ParsedInput): CompileOutcome {
  throw new Error(`not here yet: ${input.definitions.length}`);
}
