import type { Owner, Rejection, RoutingTable } from './routing-table.ts';

/** What one state of the cluster comes to, whatever the source. */
export interface Served {
  readonly table: RoutingTable;
  /** What was refused and why, for Events on its objects. */
  readonly rejections: readonly Rejection[];
  /** Objects that have no routes now through nobody's mistake, and why, for logs. */
  readonly idle: readonly { readonly owner: Owner; readonly why: string }[];
}
