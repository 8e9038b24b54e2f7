import type { Definition } from '../components/model/define.ts';
import type { Environment } from '../components/model/schema/environment.ts';

/** A bearer token that passes: where it is kept, or, in a demonstration, itself. */
export type CallerToken = { readonly secret: string; readonly key: string } | { readonly token: string };

/** An environment and what runs there. */
export interface Stack {
  readonly environment: Environment;
  readonly apps: readonly Definition[];
  /** What apps that answer for forward auth let pass, by their name; `up` tries routes with it. @default nothing */
  readonly callers?: Readonly<Record<string, CallerToken>>;
  /** Apps with a Pulumi stack of their own, `<environment>-<app>`; the others share `<environment>-apps`. @default none */
  readonly ownStacks?: readonly string[];
}
