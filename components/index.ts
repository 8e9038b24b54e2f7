/**
 * The public surface: definitions, their meaning, and the compiler. The shells are imported from their own files
 * (`components/constructs/edge-app.ts`), so that none of them costs another's start.
 */
export { type CompileInput, type CompileOutcome, compile } from './compile/compile.ts';
export type { KubeObject, ObjectGroup } from './compile/output.ts';
export type { Plan } from './compile/plan.ts';
export { toYaml } from './compile/to-yaml.ts';
export type { Change, Transform } from './compile/transform.ts';
export { type Definition, defineApp, defineEnvironment, defineRoutes } from './model/define.ts';
export { match } from './model/match.ts';
export type { EdgeRequest, Outcome } from './model/outcome.ts';
export { formatProblem, type Loss, type Place, type Problem, type Result } from './model/problem.ts';
export type { App, EdgeRoutes, Protection } from './model/schema/app.ts';
export type { Environment } from './model/schema/environment.ts';
export { readYaml } from './model/yaml.ts';
