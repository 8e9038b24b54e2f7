import { type CompileOutcome, compile } from '../../../components/compile/compile.ts';
import type { KubeObject } from '../../../components/compile/output.ts';
import type { Plan } from '../../../components/compile/plan.ts';
import type { Transform } from '../../../components/compile/transform.ts';
import { defineApp, defineRoutes } from '../../../components/model/define.ts';
import type { Problem } from '../../../components/model/problem.ts';
import type { App, EdgeRoutes } from '../../../components/model/schema/app.ts';
import type { Environment } from '../../../components/model/schema/environment.ts';

export const today = '2026-11-21';

/** A small environment that has nothing to say. */
export function environment(fields: Partial<Environment> = {}): Environment {
  return {
    name: 'test',
    kind: 'local',
    edge: 'traefik',
    exposure: { hostPort: {} },
    namespace: 'shop',
    ...fields,
  };
}

/** A small app that keeps every rule. */
export function app(fields: Partial<App> = {}) {
  return defineApp({
    name: 'cart',
    image: 'example/cart:1.4.2',
    ports: { http: 8080 },
    probes: { readiness: { check: { http: { path: '/ready' } } } },
    ...fields,
  });
}

export function edgeRoutes(fields: Partial<EdgeRoutes> = {}) {
  return defineRoutes({
    name: 'wiki',
    service: { name: 'wiki-web', ports: { http: 80 } },
    routes: [{ hosts: ['wiki.example.org'], protection: { open: 'public pages' } }],
    ...fields,
  });
}

export const open = { open: 'public pages' } as const;

/** What comes of definitions in an environment. */
export function outcome(
  definitions: readonly unknown[],
  fields: Partial<Environment> = {},
  transforms?: ReadonlyMap<string, Transform>,
): CompileOutcome {
  const sources = definitions.map((input) => ({ input }));
  return compile({
    environment: environment(fields),
    definitions: sources,
    today,
    ...(transforms === undefined ? {} : { transforms }),
  });
}

/** The outcome of definitions that have no problem; fails with the problems otherwise. */
export function compiled(definitions: readonly unknown[], fields: Partial<Environment> = {}) {
  const result = outcome(definitions, fields);
  if (!result.ok) throw new Error(JSON.stringify([result.problems, result.losses], null, 1));
  return result;
}

export function planOf(definitions: readonly unknown[], fields: Partial<Environment> = {}): Plan {
  return compiled(definitions, fields).plan;
}

/** All objects of the result. */
export function objectsOf(definitions: readonly unknown[], fields: Partial<Environment> = {}): readonly KubeObject[] {
  return compiled(definitions, fields).groups.flatMap(({ objects }) => objects);
}

/** The object of this kind and name; fails when there is none or several. */
export function objectIn(objects: readonly KubeObject[], kind: string, name = 'cart'): KubeObject {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name === name);
  if (found.length !== 1) throw new Error(`${found.length} objects ${kind}/${name}`);
  return found[0] as KubeObject;
}

/** The problems of definitions. */
export function problemsOf(definitions: readonly unknown[], fields: Partial<Environment> = {}): readonly Problem[] {
  const result = outcome(definitions, fields);
  return result.ok ? [] : result.problems;
}

/** The problems as `code at path`. */
export function codesOf(definitions: readonly unknown[], fields: Partial<Environment> = {}): readonly string[] {
  return problemsOf(definitions, fields).map(({ code, at }) => `${code} at ${at.subject}: ${at.path}`);
}
