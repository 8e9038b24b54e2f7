import type { Owner } from './model.ts';

/** Keys of one owner in Consul's key-value store. */
export function keys({ cluster, namespace }: Owner): {
  /** Locked by the publisher that writes. */
  readonly lock: string;
  /** How many removals an operator allows at once. */
  readonly allowance: string;
  /** Which cluster has this id. */
  readonly cluster: string;
} {
  const root = `edgeplane/catalog/${cluster}`;
  const own = `${root}/${namespace ?? '_'}`;
  return { lock: `${own}/lock`, allowance: `${own}/allow-removals`, cluster: `${root}/cluster` };
}
