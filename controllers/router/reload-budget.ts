import { createHash, type Hash } from 'node:crypto';
import { type BucketTiming, createBuckets } from '../loop/bucket.ts';
import type { RoutingTable } from './routing-table.ts';

/** Who may cause a reload. Each ends connections of the clients of all namespaces, so none may cause them without end. */
export interface ReloadBudget {
  /** Compares a table with the one that was served last. The first one is never postponed. */
  readonly ask: (table: RoutingTable, nowMs: number) => Asked;
}

export interface Asked {
  /**
   * Namespaces that have caused too many reloads, where nobody else has changed anything: nginx is not to be reloaded for
   * them now. What they changed comes with the next reload, whoever causes it. Empty: the table may be served.
   */
  readonly postponed: readonly string[];
  /** Is to be called once the table is served. */
  readonly served: () => void;
}

/** A bucket for each namespace: so many reloads at once, then one each `refillMs`. */
export function createReloadBudget(timing: BucketTiming): ReloadBudget {
  const buckets = createBuckets(timing);
  let before: ReadonlyMap<string, string> | null = null;
  return {
    ask(table, nowMs) {
      const now = digests(table);
      const changed = before === null ? [] : differing(before, now);
      const paid = changed.filter((namespace) => buckets.take(namespace, nowMs));
      return {
        postponed: paid.length === 0 ? changed : [],
        served: () => {
          before = now;
        },
      };
    },
  };
}

/** What each namespace has in a table. */
function digests({ routes, certificates }: RoutingTable): ReadonlyMap<string, string> {
  const hashes = new Map<string, Hash>();
  const add = (namespace: string, value: object) => {
    const hash = hashes.get(namespace) ?? createHash('sha256');
    hashes.set(namespace, hash.update(JSON.stringify(value)));
  };
  for (const route of routes)
    for (const namespace of new Set(route.owners.map((owner) => owner.namespace))) add(namespace, route);
  for (const certificate of certificates) add(certificate.owner.namespace, certificate);
  return new Map([...hashes].map(([namespace, hash]) => [namespace, hash.digest('base64')]));
}

function differing(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): readonly string[] {
  const namespaces = new Set([...before.keys(), ...now.keys()]);
  return [...namespaces].filter((namespace) => before.get(namespace) !== now.get(namespace)).toSorted();
}
