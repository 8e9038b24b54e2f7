/** What one stack of an environment brings. */
export type StackPart =
  | { readonly kind: 'platform' }
  /** Every app that has no stack of its own. */
  | { readonly kind: 'apps' }
  | { readonly kind: 'app'; readonly app: string };

/** Name of the stack: `production`, `production-apps`, `production-whoami`. */
export function stackName(environment: string, part: StackPart): string {
  switch (part.kind) {
    case 'platform':
      return environment;
    case 'apps':
      return `${environment}-apps`;
    case 'app':
      return `${environment}-${part.app}`;
    default:
      return part satisfies never;
  }
}

/** Whether a stack brings an app. Each app is brought by exactly one. */
export function bringsApp(part: StackPart, app: string, ownStacks: readonly string[]): boolean {
  switch (part.kind) {
    case 'platform':
      return false;
    case 'apps':
      return !ownStacks.includes(app);
    case 'app':
      return app === part.app;
    default:
      return part satisfies never;
  }
}

/** Every stack of an environment: the platform, the apps, and each app that stands alone. */
export function stackParts(ownStacks: readonly string[]): readonly StackPart[] {
  return [{ kind: 'platform' }, { kind: 'apps' }, ...ownStacks.map((app): StackPart => ({ kind: 'app', app }))];
}
