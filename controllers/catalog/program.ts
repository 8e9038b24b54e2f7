import type { ApiAccess } from '../loop/access.ts';
import { type ApiClient, createApiClient } from '../loop/api.ts';
import type { Clock } from '../loop/clock.ts';
import { createEventWriter, type EventWriter } from '../loop/events.ts';
import { createHealthServer } from '../loop/health.ts';
import type { Log } from '../loop/log.ts';
import { type Loop, startLoop } from '../loop/loop.ts';
import { createMetrics } from '../loop/metrics.ts';
import { close, listen } from '../loop/serve.ts';
import type { ReconcileTiming, WatchTiming } from '../loop/timing.ts';
import { createConsulClient } from './consul/client.ts';
import { type LockTiming, startLock } from './consul/lock.ts';
import type { Flags } from './flags.ts';
import { keys } from './keys.ts';
import { createCatalogMetrics } from './metrics.ts';
import type { Notice } from './model.ts';
import { createPublisher, type PublisherOptions } from './publisher.ts';
import { catalogSources } from './sources.ts';

/** What the program is given from outside. */
export interface Surroundings {
  /** Of the Kubernetes API. */
  readonly access: ApiAccess;
  /** Name of the pod. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Log;
  /** For tests. @default the usual times */
  readonly timing?: {
    readonly lock?: LockTiming;
    readonly watch?: Partial<WatchTiming>;
    readonly reconcile?: Partial<ReconcileTiming>;
    readonly rereadMs?: number;
  };
}

/** A publisher at work. */
export interface RunningPublisher {
  /** Port of health and metrics. */
  readonly healthPort: number;
  /** null while it does its work, or stands by for another; else why not. */
  readonly unready: () => string | null;
  /** Lets what is under way end, and gives the lock up. What is published stays. */
  readonly stop: () => Promise<void>;
}

/** A change reaches Consul within about a second; a second look at Consul follows every half minute. */
const reconcileTiming: Partial<ReconcileTiming> = {
  quietMs: 200,
  mostWaitMs: 1_000,
  minGapMs: 500,
  backoff: { firstMs: 500, mostMs: 15_000 },
  timeoutMs: 120_000,
  repeatMs: 30_000,
};

/** A little less than the time between two looks, so that none of them finds it too early. */
const defaultRereadMs = 25_000;

/**
 * Starts a publisher; it needs neither Kubernetes nor Consul to be there.
 * @throws when the health port cannot be listened on.
 */
export async function startPublisher(flags: Flags, around: Surroundings): Promise<RunningPublisher> {
  const { clock, log, instance, timing = {} } = around;
  const metrics = createMetrics('edgeplane_catalog_');
  const api = createApiClient({ access: around.access, clock, userAgent: 'edgeplane-catalog' });
  const events = createEventWriter({ api, controller: 'edgeplane-catalog', instance, clock, log, metrics });
  const client = createConsulClient(flags.consul);
  const stopped = new AbortController();
  let loop: Loop<ReturnType<typeof catalogSources>> | null = null;
  const trigger = () => loop?.trigger();
  const lock = startLock({
    ...{ client, clock, log, identity: instance, key: keys(flags.settings.owner).lock, onHeld: trigger },
    ...(timing.lock === undefined ? {} : { timing: timing.lock }),
  });
  const options: PublisherOptions = {
    ...{ client, lock, clock, log, settings: flags.settings, guard: flags.guard, joinsForeign: flags.joinsForeign },
    identity: clusterIdentity(api),
    rereadMs: timing.rereadMs ?? defaultRereadMs,
    metrics: createCatalogMetrics(metrics, clock),
    tell: (notice, isRefused) => tellAuthor(events, notice, isRefused),
    retryAfter: (waitMs) => void clock.sleep(waitMs, stopped.signal).then(trigger),
  };
  const publisher = createPublisher(options);
  loop = startLoop({
    ...{ api, clock, log, metrics, sources: catalogSources(flags.settings), reconcile: publisher.reconcile },
    watchTiming: timing.watch ?? {},
    reconcileTiming: { ...reconcileTiming, ...timing.reconcile },
  });
  const running = loop;
  const unready = () =>
    stopped.signal.aborted ? 'stopping' : (running.unready() ?? lock.unready() ?? publisher.unready());
  const health = createHealthServer({
    ...{ unready, unhealthy: running.unhealthy, metrics: metrics.render },
    onFault: (name) => log('error', 'fault', { name }),
  });
  const healthPort = await listen(health, flags.healthPort, flags.address);
  log('info', 'listening', { healthPort });
  const stop = async () => {
    stopped.abort();
    await running.stop();
    await Promise.all([lock.stop(), events.stop(), close(health)]);
    client.close();
    api.close();
  };
  return { healthPort, unready, stop };
}

/** The uid of a namespace that is as old as its cluster and that nobody removes. */
function clusterIdentity(api: ApiClient): () => Promise<string> {
  let known: string | null = null;
  return async () => {
    if (known !== null) return known;
    const found = (await api.call({ method: 'GET', path: '/api/v1/namespaces/kube-system' })) as {
      readonly metadata?: { readonly uid?: string };
    };
    known = found.metadata?.uid ?? null;
    if (known === null) throw new Error('namespace kube-system: found no uid, expected one');
    return known;
  };
}

function tellAuthor(events: EventWriter, { service, reason, note }: Notice, isRefused: boolean): void {
  events.tell({
    regarding: { apiVersion: 'v1', kind: 'Service', ...service },
    type: 'Warning',
    reason,
    action: isRefused ? 'Refuse' : 'Publish',
    note,
  });
}
