import type { ApiAccess } from '../loop/access.ts';
import { createApiClient } from '../loop/api.ts';
import type { Clock } from '../loop/clock.ts';
import type { Log } from '../loop/log.ts';
import { startLoop } from '../loop/loop.ts';
import { createMetrics } from '../loop/metrics.ts';
import type { Sources } from '../loop/source.ts';
import type { Configuration } from './configuration.ts';
import { ingressesSource } from './ingresses/source.ts';
import type { IngressObjects } from './ingresses/table.ts';
import { runFolder } from './nginx/http-block.ts';
import { render } from './nginx/render.ts';
import { podsSource, podsTiming } from './pods/source.ts';
import type { PodObjects } from './pods/table.ts';

export interface MockSurroundings {
  readonly access: ApiAccess;
  /** Written into the configuration; nothing is written there. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes each configuration that differs from the one before. */
  readonly print: (configuration: string) => void;
}

/** Outside a cluster: follows it and prints the configuration, starts no nginx and writes no file. */
export function startMock(configuration: Configuration, around: MockSurroundings): () => Promise<void> {
  const { access, clock, log, print } = around;
  const api = createApiClient({ access, clock, userAgent: 'edgeplane-router-mock' });
  const tableOf = tableMaker(configuration);
  let printed = '';
  const loop = startLoop<Sources>({
    api,
    sources: tableOf.sources,
    reconcile: (state) => {
      const { text } = render(tableOf.make(state), configuration.edge, runFolder(around.folder));
      if (text !== printed) print(text);
      printed = text;
    },
    clock,
    log,
    metrics: createMetrics('edgeplane_router_'),
    reconcileTiming: configuration.source === 'pods' ? podsTiming : {},
  });
  return async () => {
    await loop.stop();
    api.close();
  };

  function tableMaker({ source, pods, ingresses }: Configuration) {
    if (source === 'pods') {
      const { sources, tableOf: ofPods } = podsSource(pods);
      return { sources, make: (state: unknown) => ofPods(state as PodObjects, clock.wallMs()).table };
    }
    const { sources, tableOf: ofIngresses } = ingressesSource(ingresses);
    return { sources, make: (state: unknown) => ofIngresses(state as IngressObjects, clock.wallMs()).table };
  }
}
