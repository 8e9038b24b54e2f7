import type { ApiAccess } from '../../../controllers/loop/access.ts';
import { createApiClient } from '../../../controllers/loop/api.ts';
import { type Clock, systemClock } from '../../../controllers/loop/clock.ts';
import { type Loop, startLoop } from '../../../controllers/loop/loop.ts';
import { createMetrics } from '../../../controllers/loop/metrics.ts';
import type { Source } from '../../../controllers/loop/source.ts';
import type { WatchTiming } from '../../../controllers/loop/timing.ts';
import type { ApiServer } from '../../kube-apiserver.ts';
import { eventually } from '../kubectl.ts';

/** Short waits: the faults last for seconds here, not for minutes. */
export const quick: Partial<WatchTiming> = {
  pageSize: 10,
  backoff: { firstMs: 50, mostMs: 500 },
  healthyMs: 2_000,
  shrink: { least: 20, share: 0.5, confirmMs: 100 },
};

type MapSources = { readonly maps: Source<Readonly<Record<string, string>>> };

/** A loop over the ConfigMaps of one namespace. */
export interface Following extends AsyncDisposable {
  readonly loop: Loop<MapSources>;
  /** The state of each reconcile, as text. */
  readonly reconciled: readonly string[];
  /** Waits until it is ready. */
  readonly ready: () => Promise<void>;
  /** Waits until the last reconcile was of exactly these: `name=value` in order. */
  readonly agrees: (...entries: readonly string[]) => Promise<void>;
  /** Value of one series without its prefix; 0 when it is not there. */
  readonly metric: (series: string) => number;
}

export interface FollowOptions {
  readonly access: ApiAccess;
  readonly namespace: string;
  readonly timing?: Partial<WatchTiming>;
  readonly source?: Partial<MapSources['maps']>;
  readonly clock?: Clock;
  /** For an answer of the API, milliseconds: little where one is to be missed, so that the test need not wait. @default 30_000 */
  readonly answerMs?: number;
}

export function follow(options: FollowOptions): Following {
  const { access, namespace, clock = systemClock, answerMs = 30_000 } = options;
  const metrics = createMetrics('test_');
  const api = createApiClient({
    access,
    clock,
    userAgent: 'edgeplane-test',
    timing: { answerMs, credentialsMs: 0 },
  });
  const reconciled: string[] = [];
  const maps: MapSources['maps'] = {
    apiVersion: 'v1',
    plural: 'configmaps',
    namespace,
    project: ({ data }) => (data ?? {}) as Readonly<Record<string, string>>,
    ...options.source,
  };
  const loop = startLoop({
    api,
    sources: { maps },
    reconcile: (state) => {
      const entries = [...state.maps].map(([key, { value }]) => `${key.split('/').at(-1)}=${value}`);
      reconciled.push(entries.join(' '));
    },
    clock,
    log: () => undefined,
    metrics,
    watchTiming: { ...quick, ...options.timing },
    reconcileTiming: { quietMs: 50, mostWaitMs: 200, minGapMs: 100 },
  });
  return {
    loop,
    reconciled,
    ready: async () =>
      void (await eventually(
        async () => loop.unready(),
        (why) => why === null,
      )),
    agrees: async (...entries) =>
      void (await eventually(
        async () => reconciled.at(-1),
        (last) => last === entries.join(' '),
      )),
    metric: (series) => {
      const lines = metrics.render().split('\n');
      return Number(
        lines
          .find((text) => text.startsWith(`test_${series} `))
          ?.split(' ')
          .at(-1) ?? 0,
      );
    },
    async [Symbol.asyncDispose]() {
      await loop.stop();
      api.close();
    },
  };
}

/** ConfigMaps of one namespace, made and changed as the owner. */
export async function mapsIn(server: ApiServer, namespace: string) {
  const { api } = server;
  await api.apply(`/api/v1/namespaces/${namespace}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  const path = (name: string) => `/api/v1/namespaces/${namespace}/configmaps/${name}`;
  return {
    put: (name: string, value: string, labels: Readonly<Record<string, string>> = {}) =>
      api.apply(path(name), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data: { value } }),
    remove: async (name: string) => void (await api.send({ method: 'DELETE', path: path(name) })),
  };
}
