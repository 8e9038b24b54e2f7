import type { App, EdgeRoutes } from './schema/app.ts';
import type { Environment } from './schema/environment.ts';

/** The version of the form, in YAML and in memory. */
export const apiVersion = 'edgeplane/v1';

/** What an author hands over: the same fields in TypeScript and in YAML. */
export type Definition =
  | ({ readonly apiVersion: typeof apiVersion; readonly kind: 'App' } & App)
  | ({ readonly apiVersion: typeof apiVersion; readonly kind: 'EdgeRoutes' } & EdgeRoutes);

/** Writes one app. Nothing is checked here: all problems of all definitions come together, from `compile` or `check`. */
export function defineApp(app: App): Definition {
  return { apiVersion, kind: 'App', ...app };
}

/** Writes routes on a Service that something else made. */
export function defineRoutes(routes: EdgeRoutes): Definition {
  return { apiVersion, kind: 'EdgeRoutes', ...routes };
}

/** Writes one environment. */
export function defineEnvironment(environment: Environment): Environment {
  return environment;
}
