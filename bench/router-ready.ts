import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../controllers/loop/clock.ts';
import { defaultReconcileTiming } from '../controllers/loop/timing.ts';
import { readConfiguration } from '../controllers/router/configuration.ts';
import { podsTiming } from '../controllers/router/pods/source.ts';
import { type Router, startRouter } from '../controllers/router/program.ts';
import { send } from '../test/conformance/raw-client.ts';
import { eventually, freePort } from '../test/e2e/controllers/nginx-bench.ts';
import { ownerOf } from '../test/e2e/controllers/router-running.ts';
import { ensureNginx } from '../test/e2e/nginx-package.ts';
import { type ApiServer, startApiServer } from '../test/kube-apiserver.ts';
import { type Measurement, medianOf, quantileOf } from './measure.ts';
import { startAnsweringNginx } from './router-nginx.ts';
import { makePods, nameOf, namespaceOf } from './router-pods.ts';

const podsServed = 1_000;
/** Pods that become ready together, and how often some do: enough for a quantile of 0.99. */
const together = 8;
const rounds = 15;

/**
 * The router on its own waits beside 1,000 pods: pods become ready and are asked for until they answer. The window is
 * what debouncing allows for: quiet time after the last of them, and the least time between two configurations.
 */
export async function benchReady(): Promise<readonly Measurement[]> {
  await using api = await startApiServer();
  await using app = await startAnsweringNginx();
  await makePods(api, podsServed, (index) => ({ port: app.target.port, ready: index >= together * rounds }));
  const { router, port, stop } = await startServing(api);
  try {
    await eventually(
      async () => router.unready(),
      (why) => why === null,
      60_000,
    );
    const whole: number[] = [];
    const afterWindow: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      // Longer than the least time between two configurations: the quiet time alone is the window then.
      await sleep(defaultReconcileTiming.minGapMs);
      const times = await becomeReady(api, port, round * together);
      const closes = Math.max(...times.map(({ readyAt }) => readyAt)) + (podsTiming.quietMs ?? 0);
      for (const { readyAt, servedAt } of times) {
        whole.push((servedAt - readyAt) / 1_000);
        afterWindow.push((servedAt - closes) / 1_000);
      }
    }
    const served = `pod ready to served beside ${podsServed} pods`;
    const after = '  after the debounce window has closed';
    return [
      { what: `${served}, p99`, found: quantileOf(whole, 0.99), unit: 's', atMost: 4.5 },
      { what: `${after}, p50`, found: medianOf(afterWindow), unit: 's', atMost: 1 },
      { what: `${after}, p99`, found: quantileOf(afterWindow, 0.99), unit: 's', atMost: 1 },
    ];
  } finally {
    await stop();
  }
}

async function becomeReady(api: ApiServer, port: number, first: number) {
  const owner = ownerOf(api);
  const pods = Array.from({ length: together }, (_, index) => first + index);
  return Promise.all(
    pods.map(async (pod) => {
      await owner.ready(namespaceOf(pod), nameOf(pod), true);
      const readyAt = performance.now();
      const door = { address: '127.0.0.1', http: port, https: 0 };
      await eventually(
        () => send(door, { host: `${nameOf(pod)}.bench.test`, target: '/' }).catch(() => ({ status: 0 })),
        ({ status }) => status === 200,
        30_000,
      );
      return { readyAt, servedAt: performance.now() };
    }),
  );
}

/** The program's own times; addresses of loopback are targets here: there is nothing else. */
async function startServing({ access }: ApiServer): Promise<{
  readonly router: Router;
  readonly port: number;
  readonly stop: () => Promise<void>;
}> {
  await ensureNginx();
  const folder = await mkdtemp(join(tmpdir(), 'router-bench-'));
  const [port, health] = [await freePort(), await freePort()];
  const read = readConfiguration({
    PORT: `${port}`,
    HEALTH_PORT: `${health}`,
    DRAIN_TIME: '200ms',
    ACCESS_LOG: 'false',
  });
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const { configuration } = read;
  const router = await startRouter(
    { ...configuration, edge: { ...configuration.edge, refusedTargets: [] } },
    { access, folder, instance: 'router-0', clock: systemClock, log: () => undefined },
  );
  const stop = async () => {
    await router.drain();
    await rm(folder, { recursive: true, force: true });
  };
  return { router, port, stop };
}
