import type { ParsedApp, ParsedEdgeRoutes, ParsedEnvironment } from '../definition.ts';
import type { Finding } from '../finding.ts';
import type { Rule } from './rule.ts';

const appRules: readonly Rule<ParsedApp>[] = [];
const edgeRoutesRules: readonly Rule<ParsedEdgeRoutes>[] = [];
const environmentRules: readonly Rule<ParsedEnvironment>[] = [];

/** The rules that an app breaks; `known` are findings of its form, and fields with one are not judged again. */
export function brokenAppRules(app: ParsedApp, known: readonly Finding[]): readonly Finding[] {
  return broken(appRules, app, known);
}

export function brokenEdgeRoutesRules(routes: ParsedEdgeRoutes, known: readonly Finding[]): readonly Finding[] {
  return broken(edgeRoutesRules, routes, known);
}

export function brokenEnvironmentRules(environment: ParsedEnvironment, known: readonly Finding[]): readonly Finding[] {
  return broken(environmentRules, environment, known);
}

function broken<T>(rules: readonly Rule<T>[], value: T, known: readonly Finding[]): readonly Finding[] {
  const wrong = new Set(known.map(({ path }) => path[0]));
  return rules.filter(({ reads }) => !reads.some((field) => wrong.has(field))).flatMap(({ check }) => check(value));
}
