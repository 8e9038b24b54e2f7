import { rm } from 'node:fs/promises';
import type { ApiAccess } from '../loop/access.ts';
import { type ApiClient, createApiClient } from '../loop/api.ts';
import type { BucketTiming } from '../loop/bucket.ts';
import type { Clock } from '../loop/clock.ts';
import { createEventWriter } from '../loop/events.ts';
import { createHealthServer } from '../loop/health.ts';
import { startLease } from '../loop/lease.ts';
import type { Log } from '../loop/log.ts';
import { type Loop, startLoop } from '../loop/loop.ts';
import { createMetrics, type Metrics } from '../loop/metrics.ts';
import { close, listen } from '../loop/serve.ts';
import type { Sources, StateOf } from '../loop/source.ts';
import type { ReconcileTiming, WatchTiming } from '../loop/timing.ts';
import type { Configuration } from './configuration.ts';
import { ingressesSource } from './ingresses/source.ts';
import { createStatusWriter } from './ingresses/status.ts';
import type { IngressObjects } from './ingresses/table.ts';
import { type NginxEdge, type NginxEdgeOptions, startNginxEdge } from './nginx/edge.ts';
import { runFolder } from './nginx/http-block.ts';
import { createKeyServer } from './nginx/key-checks.ts';
import { podsSource, podsTiming } from './pods/source.ts';
import type { PodObjects } from './pods/table.ts';
import { createReloadBudget } from './reload-budget.ts';
import { createReporter } from './reporter.ts';
import type { KeyRing, RoutingTable } from './routing-table.ts';
import type { Served } from './served.ts';

/** What the program is given from outside. */
export interface Surroundings {
  readonly access: ApiAccess;
  /** Absolute; see {@link NginxEdgeOptions}. */
  readonly folder: string;
  /** Name of the pod. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly watchTiming?: Partial<WatchTiming>;
  readonly reconcileTiming?: Partial<ReconcileTiming>;
  readonly nginx?: Pick<NginxEdgeOptions, 'binary' | 'timing'>;
  /** For each namespace. @default 60 reloads at once, then one each 10 s */
  readonly reloadBudget?: BucketTiming;
}

/** A router at work. */
export interface Router {
  readonly healthPort: number;
  /** null when clients may be sent here. */
  readonly unready: () => string | null;
  /** Unready at once; serves on while load balancers notice, then ends what is under way, then nginx. */
  readonly drain: () => Promise<void>;
}

/** A rollout of sixty pods, one after the other, is served as it goes. */
const usualBudget: BucketTiming = { burst: 60, refillMs: 10_000 };

/** nginx that does not stay up so often in a row does not come back by itself. */
const mostDeaths = 20;
/** The longest that a router goes on serving after it has become unready. */
const mostAcceptMs = 30_000;

/**
 * Starts nginx with what was served last, then follows the cluster.
 * @throws when nginx cannot be started or a port cannot be listened on.
 */
export async function startRouter(configuration: Configuration, around: Surroundings): Promise<Router> {
  const { log, clock, folder } = around;
  const metrics = createMetrics('edgeplane_router_');
  const state: { keys: ReadonlyMap<string, KeyRing>; draining: boolean } = { keys: new Map(), draining: false };
  const keyServer = await serveKeys(folder, () => state.keys, metrics);
  const edge = await startNginxEdge({ settings: configuration.edge, folder, clock, log, ...around.nginx });
  const api = createApiClient({ access: around.access, clock, userAgent: 'edgeplane-router' });
  const { events, reporter } = telling({ ...around, api }, metrics);
  const budgeted = budgetedReloads(around, metrics, () => follower.loop.trigger());
  const serve = async (served: Served, signal: AbortSignal) => {
    // A key that is gone is refused before anything else changes.
    state.keys = served.table.keys;
    await budgeted.serve(served.table, async () => {
      const applied = await edge.apply(served.table, signal);
      reporter.report(served, applied);
      if (applied.untested > 0) follower.loop.trigger();
    });
  };
  const follower: Follower = follow(configuration, { ...around, api, metrics, serve });
  const unready = () => {
    if (state.draining) return 'draining';
    return follower.loop.unready() ?? (edge.supervisor.running() ? null : 'nginx does not run');
  };
  const health = createHealthServer({
    unready,
    unhealthy: () =>
      follower.loop.unhealthy() ?? (edge.supervisor.failuresInARow() < mostDeaths ? null : 'nginx does not stay up'),
    metrics: metrics.render,
    onFault: (name) => log('error', 'fault', { name }),
  });
  metrics.gauge('nginx_deaths', 'Times that nginx ended by itself.', () => edge.supervisor.deaths());
  const healthPort = await listen(health, configuration.healthPort, null);
  log('info', 'listening', { healthPort, port: configuration.edge.httpPort, source: configuration.source });
  const drain = async () => {
    state.draining = true;
    budgeted.stop();
    await drainEdge(edge, configuration.edge.workerShutdownMs, around);
    await follower.stop();
    await events.stop();
    api.close();
    await Promise.all([close(keyServer), close(health)]);
    log('info', 'stopped');
  };
  return { healthPort, unready, drain };
}

/** Tells what is served and what is not, on objects and in the log. */
function telling({ api, instance, clock, log }: Surroundings & { readonly api: ApiClient }, metrics: Metrics) {
  const events = createEventWriter({ api, controller: 'edgeplane-router', instance, clock, log, metrics });
  return { events, reporter: createReporter({ events, log, metrics }) };
}

/** Serves tables as far as the budget of their namespaces goes, and has the others come again. */
function budgetedReloads({ clock, log, ...around }: Surroundings, metrics: Metrics, again: () => void) {
  const timing = around.reloadBudget ?? usualBudget;
  const budget = createReloadBudget(timing);
  const postponed = metrics.counter('postponed_total', 'Tables that waited for the reload budget of their namespaces.');
  const stopped = new AbortController();
  let waiting = false;
  const later = async () => {
    if (waiting) return;
    waiting = true;
    await clock.sleep(timing.refillMs, stopped.signal);
    waiting = false;
    if (!stopped.signal.aborted) again();
  };
  return {
    stop: () => stopped.abort(),
    async serve(table: RoutingTable, apply: () => Promise<void>) {
      const asked = budget.ask(table, clock.monotonicMs());
      if (asked.postponed.length === 0) {
        await apply();
        return asked.served();
      }
      postponed.add();
      log('info', 'postponed', { namespaces: asked.postponed.slice(0, 10).join(' '), forMs: timing.refillMs });
      void later();
    },
  };
}

/** The socket of a router that was killed is taken away first: nobody listens there. */
async function serveKeys(folder: string, keys: () => ReadonlyMap<string, KeyRing>, metrics: Metrics) {
  const checks = metrics.counter('key_checks_total', 'Checks of API keys, by the status they came to.');
  const server = createKeyServer(keys, (verdict) => checks.add({ status: String(verdict) }));
  const socket = runFolder(folder).keys;
  await rm(socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return server;
}

async function drainEdge(edge: NginxEdge, wholeMs: number, { clock, log }: Surroundings): Promise<void> {
  const acceptMs = Math.min(mostAcceptMs, wholeMs / 2);
  log('info', 'draining', { acceptMs, wholeMs });
  try {
    edge.endConnections();
  } catch {
    // Clients then find their idle connections closed, as they must expect of any server.
  }
  await clock.sleep(acceptMs, new AbortController().signal);
  await edge.supervisor.quit(wholeMs - acceptMs);
}

interface Following extends Surroundings {
  readonly api: ApiClient;
  readonly metrics: Metrics;
  readonly serve: (served: Served, signal: AbortSignal) => Promise<void>;
}

interface Follower {
  readonly loop: Loop<Sources>;
  readonly stop: () => Promise<void>;
}

/** The one source this router has. */
function follow(configuration: Configuration, around: Following): Follower {
  return configuration.source === 'pods' ? followPods(configuration, around) : followIngresses(configuration, around);
}

function followPods({ pods }: Configuration, around: Following): Follower {
  const { sources, tableOf } = podsSource(pods);
  const loop = startLoop({
    ...loopOptions(around, podsTiming),
    sources,
    // The state has what the sources keep: the projection of each says so.
    reconcile: (state, signal) => around.serve(tableOf(state as unknown as PodObjects, around.clock.wallMs()), signal),
  });
  return { loop, stop: loop.stop };
}

function followIngresses({ ingresses }: Configuration, around: Following): Follower {
  const { api, log, clock, metrics, instance } = around;
  const { sources, tableOf } = ingressesSource(ingresses);
  const { publishService } = ingresses;
  const lease =
    publishService === null
      ? null
      : startLease({
          api,
          namespace: publishService.namespace,
          name: `${publishService.name}-status`,
          identity: instance,
          clock,
          log,
          metrics,
          onChange: () => loop.trigger(),
        });
  const status = lease === null ? null : createStatusWriter({ api, lease, log, configuration: ingresses });
  const loop: Loop<Sources> = startLoop<Sources>({
    ...loopOptions(around, { repeatMs: 30_000 }),
    sources,
    reconcile: async (state: StateOf<Sources>, signal) => {
      const objects = state as unknown as IngressObjects;
      await around.serve(tableOf(objects, clock.wallMs()), signal);
      await status?.write(objects);
    },
  });
  return {
    loop,
    stop: async () => {
      await loop.stop();
      await lease?.stop();
    },
  };
}

function loopOptions(
  { api, clock, log, metrics, watchTiming = {}, reconcileTiming = {} }: Following,
  timing: Partial<ReconcileTiming>,
) {
  return { api, clock, log, metrics, watchTiming, reconcileTiming: { ...timing, ...reconcileTiming } };
}
