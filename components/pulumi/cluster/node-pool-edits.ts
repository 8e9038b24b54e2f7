import type { GkeSpec } from './gke-spec.ts';

/** What every node of a pool is made with: an edit of any of it makes all of them anew. Kept in the stack’s outputs. */
export type NodePoolIdentity = Readonly<Record<string, string>>;

/** The identities of the pools by name. */
export function poolIdentities({ edgePool, appPool }: GkeSpec): Readonly<Record<string, NodePoolIdentity>> {
  const { label, taint, networkTag } = edgePool;
  return {
    apps: { machineType: appPool.machineType },
    edge: {
      machineType: edgePool.machineType,
      label: `${label.key}=${label.value}`,
      taint: `${taint.key}=${taint.value}:${taint.effect}`,
      networkTag,
    },
  };
}

/**
 * Words for each edit that replaces the nodes of a pool. Two pools are not there at once for long: say it before.
 * `before` is what an earlier update left in the outputs, in whatever state.
 */
export function replacingEdits(before: unknown, after: Readonly<Record<string, NodePoolIdentity>>): readonly string[] {
  if (typeof before !== 'object' || before === null) return [];
  return Object.entries(after).flatMap(([pool, identity]) => {
    const old = (before as Readonly<Record<string, unknown>>)[pool];
    if (typeof old !== 'object' || old === null) return [];
    return Object.entries(identity).flatMap(([field, value]) => {
      const former = (old as Readonly<Record<string, unknown>>)[field];
      if (former === undefined || former === value) return [];
      return [
        `nodes of pool ${pool}: ${field} changes from ${String(former)} to ${value}, which replaces every node of it. New nodes come before old ones go; still, do it when an interruption can be borne.`,
      ];
    });
  });
}
