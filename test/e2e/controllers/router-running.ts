import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiAccess } from '../../../controllers/loop/access.ts';
import type { BucketTiming } from '../../../controllers/loop/bucket.ts';
import { systemClock } from '../../../controllers/loop/clock.ts';
import type { ReconcileTiming, WatchTiming } from '../../../controllers/loop/timing.ts';
import { type Configuration, readConfiguration } from '../../../controllers/router/configuration.ts';
import { startRouter } from '../../../controllers/router/program.ts';
import { type Answer, type Door, type RawRequest, send } from '../../conformance/raw-client.ts';
import { freePorts } from '../../free-ports.ts';
import type { ApiServer } from '../../kube-apiserver.ts';
import { ensureNginx } from '../nginx-package.ts';
import { eventually, handedOver, patienceMs } from './nginx-bench.ts';
import { quick } from './running.ts';

/** The router as it runs in a cluster, on free ports of loopback. */
export interface RunningRouter extends AsyncDisposable {
  readonly ask: (host: string, target: string, key?: string) => Promise<Answer>;
  readonly send: (request: RawRequest) => Promise<Answer>;
  readonly askTls: (host: string, target: string) => Promise<Answer>;
  /** Waits until a request is answered with this status, and no worker that knows it otherwise takes connections. */
  readonly answers: (status: number, host: string, target: string, key?: string) => Promise<Answer>;
  /** As `answers`, for any request and any answer. */
  readonly until: (ask: () => Promise<Answer>, wished: (answer: Answer) => boolean) => Promise<Answer>;
  readonly unready: () => string | null;
  /** Where it keeps what it serves, and its ports: another router that is given both stands in its place. */
  readonly folder: string;
  readonly ports: Ports;
  /** Names of all events it has logged. */
  readonly events: readonly string[];
  /** Sum of the series of a metric whose labels hold a text; the last reload is counted once it has ended. */
  readonly metric: (name: string, labels?: string) => Promise<number>;
}

interface Ports {
  readonly http: number;
  readonly https: number;
  readonly health: number;
}

export interface RouterOptions {
  readonly access: ApiAccess;
  /** Beside its ports. @default nothing */
  readonly environment?: Readonly<Record<string, string>>;
  readonly watch?: Partial<WatchTiming>;
  readonly reconcile?: Partial<ReconcileTiming>;
  readonly reloadBudget?: BucketTiming;
  /** Of a router that ran before, or one of the test's own; it stays. @default a new one */
  readonly folder?: string;
  /** @default free ones */
  readonly ports?: Ports;
  /** nginx's binary. @default Debian's */
  readonly binary?: string;
  /** false: this resolves before the cluster has been read. @default true */
  readonly awaitReady?: boolean;
}

/** Ready when this resolves, unless it is told otherwise. Addresses of loopback are targets here: there is nothing else. */
export async function startRunning({ access, environment = {}, ...options }: RouterOptions): Promise<RunningRouter> {
  await ensureNginx();
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'router-')));
  const [http = 0, https = 0, health = 0] = await freePorts(3);
  const ports = options.ports ?? { http, https, health };
  const events: string[] = [];
  const configuration = configured(ports, environment);
  const router = await startRouter(configuration, {
    access,
    folder,
    instance: 'router-0',
    clock: systemClock,
    log: (_level, event) => events.push(event),
    watchTiming: { ...quick, ...options.watch },
    reconcileTiming: { quietMs: 50, mostWaitMs: 200, minGapMs: 100, ...options.reconcile },
    ...(options.reloadBudget === undefined ? {} : { reloadBudget: options.reloadBudget }),
    nginx: { timing: { closingMs: 20 }, ...(options.binary === undefined ? {} : { binary: options.binary }) },
  });
  const stop = async () => {
    await router.drain();
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
  };
  const settled = () => handedOver(folder, configuration.edge.workers);
  const ready = async () => {
    await eventually(
      async () => router.unready(),
      (why) => why === null,
    );
    await settled();
  };
  if (options.awaitReady !== false) {
    await ready().catch(async (error: unknown) => {
      await stop();
      throw error;
    });
  }
  return {
    ...clientOf({ address: '127.0.0.1', ...ports }, ports.health, settled),
    unready: router.unready,
    events,
    folder,
    ports,
    [Symbol.asyncDispose]: stop,
  };
}

function configured({ http, https, health }: Ports, environment: Readonly<Record<string, string>>): Configuration {
  const ports = { PORT: `${http}`, HTTPS_PORT: `${https}`, HEALTH_PORT: `${health}`, DRAIN_TIME: '200ms' };
  const read = readConfiguration({ ...ports, ACCESS_LOG: 'false', ...environment });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return { ...read.configuration, edge: { ...read.configuration.edge, refusedTargets: [] } };
}

function clientOf(door: Door, health: number, settled: () => Promise<void>) {
  const sendPatiently = (request: RawRequest) => send(door, request, patienceMs);
  const ask = (host: string, target: string, key?: string) =>
    sendPatiently({ host, target, headers: key === undefined ? [] : [['X-ROUTING-API-KEY', key]] });
  const until: RunningRouter['until'] = async (asked, wished) => {
    const answer = await eventually(asked, wished);
    await settled();
    return answer;
  };
  return {
    ask,
    until,
    send: sendPatiently,
    askTls: (host: string, target: string) => sendPatiently({ scheme: 'https', host, target }),
    answers: (status: number, host: string, target: string, key?: string) =>
      until(
        () => ask(host, target, key),
        (answer) => answer.status === status,
      ),
    async metric(name: string, labels = '') {
      const page = await (await fetch(`http://127.0.0.1:${health}/metrics`)).text();
      const series = page.split('\n').filter((line) => /^[a-z_]+/.exec(line)?.[0] === `edgeplane_router_${name}`);
      return series
        .filter((line) => line.includes(labels))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    },
  };
}

/** nginx answers 503 when the router has not answered a check of a key for five seconds, milliseconds; a little less. */
const checkMs = 4_500;

/** Tells for how long at most this process, and the router in it, has stood still since `since` was called. */
function watchStill() {
  const state = { beatAt: performance.now(), longestMs: 0 };
  const beat = () => {
    const now = performance.now();
    state.longestMs = Math.max(state.longestMs, now - state.beatAt);
    state.beatAt = now;
  };
  const timer = setInterval(beat, 50);
  return {
    since: () => {
      beat();
      state.longestMs = 0;
    },
    longestMs: () => {
      beat();
      return state.longestMs;
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * Asks again and again until it is stopped; gives every status that was not the wanted one. A 503 that came while the
 * router itself stood still for as long as a check of a key may take is no answer of its own, and is asked for again.
 */
export function keepAsking(ask: () => Promise<Answer>, wanted: number) {
  const state = { stopped: false, asked: 0 };
  const others: number[] = [];
  const still = watchStill();
  const asking = (async () => {
    while (!state.stopped) {
      still.since();
      const { status } = await ask();
      state.asked += 1;
      const isOwn = status !== 503 || still.longestMs() < checkMs;
      if (status !== wanted && isOwn) others.push(status);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    still.stop();
  })();
  return {
    async stop() {
      state.stopped = true;
      await asking;
      return { asked: state.asked, others };
    },
  };
}

/** Makes objects on the server as its owner. */
export function ownerOf({ api }: ApiServer) {
  const path = (namespace: string, plural: string, name: string) => `/api/v1/namespaces/${namespace}/${plural}/${name}`;
  const mergePatch = (to: string, body: object) =>
    api.send({ method: 'PATCH', path: to, body: JSON.stringify(body), contentType: 'application/merge-patch+json' });
  const remove = async (to: string) => void (await api.send({ method: 'DELETE', path: `${to}?gracePeriodSeconds=0` }));
  return {
    namespace: (name: string, annotations: Readonly<Record<string, string>> = {}) =>
      api.apply(`/api/v1/namespaces/${name}`, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, annotations } }),
    /** A pod that is running and ready at 127.0.0.1 unless `status` says otherwise. */
    async pod(namespace: string, name: string, sketch: PodSketch): Promise<void> {
      const metadata = { name, namespace, labels: { routable: 'true' }, annotations: sketch.annotations };
      const ports = sketch.ports.map((containerPort) => ({ containerPort }));
      const spec = {
        automountServiceAccountToken: false,
        containers: [{ name: 'app', image: 'registry.test/app:1', ports }],
      };
      await api.apply(path(namespace, 'pods', name), { apiVersion: 'v1', kind: 'Pod', metadata, spec });
      await mergePatch(`${path(namespace, 'pods', name)}/status`, { status: readyStatus(sketch.ready ?? true) });
    },
    annotate: (namespace: string, name: string, annotations: Readonly<Record<string, string>>) =>
      mergePatch(path(namespace, 'pods', name), { metadata: { annotations } }),
    ready: (namespace: string, name: string, isReady: boolean) =>
      mergePatch(`${path(namespace, 'pods', name)}/status`, { status: readyStatus(isReady) }),
    removePod: (namespace: string, name: string) => remove(path(namespace, 'pods', name)),
    secret: (namespace: string, name: string, stringData: Readonly<Record<string, string>>, type = 'Opaque') =>
      api.send({
        method: 'POST',
        path: `/api/v1/namespaces/${namespace}/secrets`,
        body: JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData, type }),
        contentType: 'application/json',
      }),
    changeSecret: (namespace: string, name: string, stringData: Readonly<Record<string, string>>) =>
      mergePatch(path(namespace, 'secrets', name), { stringData }),
    /** What Events of a namespace tell: `name reason: note`. */
    async told(namespace: string): Promise<readonly string[]> {
      const list = (await api.get(`/apis/events.k8s.io/v1/namespaces/${namespace}/events`)) as EventList;
      return list.items.map(({ regarding, reason, note }) => `${regarding.name} ${reason}: ${note}`).toSorted();
    },
    apply: (to: string, object: object) => api.apply(to, object),
    patchStatus: (to: string, status: object) => mergePatch(`${to}/status`, { status }),
    get: (from: string) => api.get(from),
    removeSecret: (namespace: string, name: string) => remove(path(namespace, 'secrets', name)),
  };
}

export interface PodSketch {
  readonly ports: readonly number[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly ready?: boolean;
}

function readyStatus(isReady: boolean): object {
  const condition = { type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:00Z' };
  return { phase: 'Running', podIP: '127.0.0.1', podIPs: [{ ip: '127.0.0.1' }], conditions: [condition] };
}

interface EventList {
  readonly items: readonly {
    readonly regarding: { readonly name: string };
    readonly reason: string;
    readonly note: string;
  }[];
}
