import { text } from './fields.ts';
import type { Subject } from './rule.ts';

/** Annotations by which definitions tell rules what no field of an object says. `components/compile/metadata.ts` writes them. */
export const facts = {
  environment: 'edgeplane.dev/environment',
  tier: 'edgeplane.dev/tier',
  openReason: 'edgeplane.dev/open-reason',
  sharedHosts: 'edgeplane.dev/shared-hosts',
  edgeNodes: 'edgeplane.dev/edge-nodes',
} as const;

/** What an object says of itself; empty where it says nothing. */
export function fact({ properties }: Subject, name: keyof typeof facts): string {
  return text(properties, 'metadata', 'annotations', facts[name]);
}

/** Where a rule of ours is explained. */
export function documented(id: string): string {
  return `docs/policies.md#${id}`;
}
