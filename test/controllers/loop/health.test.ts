import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createHealthServer, type HealthOptions } from '../../../controllers/loop/health.ts';

async function pages(options: HealthOptions, paths: readonly string[]): Promise<readonly string[]> {
  const server = createHealthServer(options).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const answers: string[] = [];
  for (const path of paths) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    answers.push(`${answer.status} ${(await answer.text()).trim()}`);
  }
  server.close();
  return answers;
}

const healthy: HealthOptions = { unready: () => null, metrics: () => 'a 1\n', onFault: () => undefined };

test('health, readiness and metrics each have a page, and nothing else has', async () => {
  const paths = ['/healthz', '/readyz', '/metrics', '/', '/toString', '/auth/api-key'];
  const none = '404 no such path';
  expect(await pages(healthy, paths)).toEqual(['200 ok', '200 ok', '200 a 1', none, none, none]);
});

test('what is not ready says why and is still alive', async () => {
  const unready = { ...healthy, unready: () => 'draining' };
  expect(await pages(unready, ['/readyz', '/healthz'])).toEqual(['503 draining', '200 ok']);
});

test('a page that cannot be made gives 500, tells the name of the error, and takes nothing else with it', async () => {
  const names: string[] = [];
  const metrics = () => {
    throw new RangeError('no memory to be read');
  };
  const answers = await pages({ ...healthy, metrics, onFault: (name) => names.push(name) }, ['/metrics', '/healthz']);
  expect([answers, names]).toEqual([['500 this page failed', '200 ok'], ['RangeError']]);
});
