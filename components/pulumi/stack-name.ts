import type { Problem, Result } from '../model/problem.ts';
import type { StackPart } from '../model/stack-part.ts';

/** Where a stack stands, from its name: `production`, `production-apps`, `production-whoami`. */
export interface StackPlace {
  readonly environment: string;
  readonly part: StackPart;
}

/** The longest environment name that begins the stack's wins, so that `eu-west` is never an app of `eu`. */
export function stackPlace(stack: string, environments: readonly string[]): Result<StackPlace> {
  const environment = environments
    .filter((name) => stack === name || stack.startsWith(`${name}-`))
    .toSorted((a, b) => b.length - a.length)[0];
  if (environment === undefined) return { ok: false, problems: [unknownStack(stack, environments)] };
  const rest = stack.slice(environment.length + 1);
  if (rest === '') return { ok: true, value: { environment, part: { kind: 'platform' } } };
  if (rest === 'apps') return { ok: true, value: { environment, part: { kind: 'apps' } } };
  return { ok: true, value: { environment, part: { kind: 'app', app: rest } } };
}

function unknownStack(stack: string, environments: readonly string[]): Problem {
  return {
    code: 'unknown-stack',
    at: { subject: `stack ${stack}`, path: '' },
    found: 'a name that begins with no environment',
    expected: environments.map((name) => `${name}, ${name}-apps or ${name}-APP`).join('; '),
    fix: 'Select a stack of an environment in stacks/.',
  };
}
