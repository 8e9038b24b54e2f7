/**
 * Competes for a lease, and writes into a ConfigMap for as long as it may: a process of its own, so that a test can
 * pause it. Arguments: kubeconfig, namespace, name. Tells each write on standard output: `wrote FENCE`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { kubeconfigAccess } from '../../../controllers/loop/access.ts';
import { createApiClient } from '../../../controllers/loop/api.ts';
import { systemClock } from '../../../controllers/loop/clock.ts';
import { startLease } from '../../../controllers/loop/lease.ts';
import { createMetrics } from '../../../controllers/loop/metrics.ts';

async function main([kubeconfig = '', namespace = '', identity = '']: readonly string[]): Promise<void> {
  const clock = systemClock;
  const access = await kubeconfigAccess(kubeconfig);
  const api = createApiClient({ access, clock, userAgent: 'edgeplane-test' });
  const lease = startLease({
    ...{ api, namespace, name: 'writer', identity, clock, metrics: createMetrics('test_') },
    log: (_, event) => process.stdout.write(`${event}\n`),
    // Long enough for a machine that stalls: only the one that is paused is to lose it.
    timing: { leaseMs: 12_000, writeMs: 8_000, retryMs: 1_000 },
  });
  const path = `/api/v1/namespaces/${namespace}/configmaps/written?fieldManager=${identity}`;
  for (;;) {
    await sleep(50);
    const permit = lease.mayWrite();
    if (permit === null) continue;
    const body = { data: { fence: String(permit.fence), by: identity } };
    await api.call({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' }).then(
      () => process.stdout.write(`wrote ${permit.fence}\n`),
      () => undefined,
    );
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stdout.write(`${error}\n`);
  process.exitCode = 1;
});
