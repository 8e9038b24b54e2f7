import type { Clock } from '../loop/clock.ts';
import type { Metrics } from '../loop/metrics.ts';
import type { Written } from './consul/transaction.ts';
import type { GuardedPlan } from './guard.ts';
import type { Desired } from './model.ts';
import type { Plan } from './plan.ts';
import type { UnitFailure } from './write.ts';

/** What a publisher counts. */
export interface CatalogMetrics {
  readonly desired: (wanted: Desired, isLeader: boolean) => void;
  /** One transaction; null when Consul did not tell what it wrote. */
  readonly wrote: (written: readonly Written[] | null) => void;
  readonly published: (guarded: GuardedPlan, full: Plan, failures: readonly UnitFailure[]) => void;
}

export function createCatalogMetrics(metrics: Metrics, clock: Pick<Clock, 'monotonicMs'>): CatalogMetrics {
  const transactions = metrics.counter('transactions_total', 'Transactions that Consul applied.');
  const operations = metrics.counter('operations_total', 'Operations in them, by what they wrote.');
  const failed = metrics.counter('items_failed_total', 'Services and nodes that could not be written, by why.');
  const now = { instances: 0, refused: 0, warned: 0, held: 0, foreign: 0, leader: 0 };
  let publishedAtMs: number | null = null;
  metrics.gauge('instances', 'Instances that Consul is to have.', () => now.instances);
  metrics.gauge('services_refused', 'Reasons for which Services are not published.', () => now.refused + now.foreign);
  metrics.gauge('services_warned', 'Reasons for which Services are not published as written.', () => now.warned);
  metrics.gauge('removals_held', 'Instances that are kept because too many would go at once.', () => now.held);
  metrics.gauge('leader', '1 while this publisher writes.', () => now.leader);
  metrics.gauge('published_age_seconds', 'Since Consul was last found or made as it is to be; -1 for never.', () =>
    publishedAtMs === null ? -1 : (clock.monotonicMs() - publishedAtMs) / 1_000,
  );
  return {
    desired(wanted, isLeader) {
      now.instances = wanted.registrations.size;
      now.refused = wanted.refused.length;
      now.warned = wanted.warnings.length;
      now.leader = Number(isLeader);
    },
    wrote(written) {
      transactions.add();
      for (const { operation, modifyIndex } of written ?? []) {
        const object = 'Node' in operation ? 'node' : 'Service' in operation ? 'instance' : 'check';
        operations.add({ object, kind: modifyIndex === null ? 'removed' : 'written' });
      }
    },
    published({ held }, { refused }, failures) {
      now.held = held;
      now.foreign = refused.length;
      for (const { reason } of failures) failed.add({ reason });
      if (failures.length === 0 && held === 0) publishedAtMs = clock.monotonicMs();
    },
  };
}
