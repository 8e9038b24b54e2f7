import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { routeTo, startBench } from '../test/e2e/controllers/nginx-bench.ts';
import type { Measurement } from './measure.ts';
import { startAnsweringNginx } from './router-nginx.ts';

const reloads = 100;
const requestsOfReload = 1_000;
const connections = 16;

/**
 * Callers that keep their connections, and a configuration that changes a hundred times under them. A request fails
 * when its connection breaks or its answer is not 200. The router's own waits hold.
 */
export async function benchReloads(): Promise<readonly Measurement[]> {
  await using app = await startAnsweringNginx();
  await using bench = await startBench({ timing: {} });
  const steady = routeTo(app.target, 'steady.test', '/');
  const serve = (turn: number) => bench.serve([steady, routeTo(app.target, `turn-${turn}.test`, '/')]);
  await serve(0);
  const callers = keepCalling(bench.settings.httpPort, 'steady.test');
  for (let reload = 1; reload <= reloads; reload += 1) {
    await serve(reload);
    while (callers.count.asked < reload * requestsOfReload) await sleep(5);
  }
  await callers.stop();
  const { asked, failures } = callers.count;
  const what = `failed of ${asked} requests in ${reloads} reloads`;
  return [
    { what, found: [...failures.values()].reduce((sum, times) => sum + times, 0), unit: '', atMost: 0 },
    ...[...failures].map(([why, times]) => ({ what: `  ${why}`, found: times, unit: '', atMost: 0 })),
  ];
}

/** Asks on kept connections until it is stopped. */
function keepCalling(port: number, host: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const count = { asked: 0, failures: new Map<string, number>() };
  const state = { stopped: false };
  const call = () =>
    new Promise<string | null>((resolve) => {
      const message = request({ agent, host: '127.0.0.1', port, headers: { host } }, (answer) => {
        answer.on('error', (error) => resolve(error.message));
        answer.on('end', () => resolve(answer.statusCode === 200 ? null : `status ${answer.statusCode}`));
        answer.resume();
      });
      message.on('error', (error) => resolve(error.message));
      message.end();
    });
  const caller = async () => {
    while (!state.stopped) {
      const why = await call();
      count.asked += 1;
      if (why !== null) count.failures.set(why, (count.failures.get(why) ?? 0) + 1);
    }
  };
  const calling = Array.from({ length: connections }, caller);
  return {
    count,
    async stop(): Promise<void> {
      state.stopped = true;
      await Promise.all(calling);
      agent.destroy();
    },
  };
}
