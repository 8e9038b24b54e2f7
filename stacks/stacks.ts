import type { Stack } from './stack.ts';

/** Every stack by name. Each is loaded when it is asked for, so that one stack costs the start of one. */
export const stacks: Readonly<Record<string, () => Promise<Stack>>> = {
  local: () => import('./local.ts'),
  nginx: () => import('./nginx.ts'),
  pods: () => import('./pods.ts'),
  dev: () => import('./dev.ts'),
  staging: () => import('./staging.ts'),
  production: () => import('./production.ts'),
  internal: () => import('./internal.ts'),
};
