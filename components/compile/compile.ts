import type { ParsedDefinition, ParsedEnvironment } from '../model/definition.ts';
import { parseDefinitions, parseEnvironment, type Source } from '../model/parse.ts';
import type { Loss, Problem } from '../model/problem.ts';
import { type Acceptance, judgeLosses } from './acceptance.ts';
import { atThePublicDoor } from './edges/private-door.ts';
import { edges } from './edges/registry.ts';
import { objectGroups } from './groups.ts';
import type { ObjectGroup } from './output.ts';
import type { Plan } from './plan.ts';
import { resolve } from './resolve/resolve.ts';
import { applyTransforms, type Change, type Transform } from './transform.ts';

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
      readonly acceptedLosses: readonly Acceptance[];
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
  const resolved = resolve(input.environment, input.definitions);
  if (!resolved.ok) return { ok: false, problems: resolved.problems, losses: [] };
  const edge = edges.get(resolved.value.environment.edge);
  if (edge === undefined) return { ok: false, problems: [unavailableEdge(resolved.value)], losses: [] };
  const { plan, losses } = atThePublicDoor(resolved.value);
  const output = edge.emit(plan);
  const judged = judgeLosses(plan.environment, [...losses, ...output.losses], input.today);
  const transformed = applyTransforms(objectGroups(plan, output), input.transforms ?? new Map());
  const problems = [...judged.problems, ...transformed.problems];
  if (problems.length > 0 || judged.unaccepted.length > 0) return { ok: false, problems, losses: judged.unaccepted };
  const { groups, changes } = transformed;
  return { ok: true, plan, groups, acceptedLosses: judged.accepted, changes };
}

function unavailableEdge({ environment }: Plan): Problem {
  return {
    code: 'edge-not-available',
    at: { subject: `environment ${environment.name}`, path: 'edge' },
    found: `"${environment.edge}", which this version cannot make yet`,
    expected: `one of ${[...edges.keys()].map((name) => `"${name}"`).join(', ')}`,
    fix: 'Use an edge that is available.',
  };
}
