import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../../kube-apiserver.ts';
import { type App, startApp } from '../nginx-bench.ts';
import { keepAsking, ownerOf, type RunningRouter, startRunning } from '../router-running.ts';

const outageMs = 60_000;
const key = 'a-key-of-twenty-four-chr';
const shown = Buffer.from(key).toString('base64');

let server: ApiServer;
let owner: ReturnType<typeof ownerOf>;
let app: App;
let folder: string;
/** Nothing happens to one of them; another is started anew, and the nginx of a third is killed, while the API is away. */
let routers: { readonly left: RunningRouter; readonly anew: RunningRouter; readonly killed: RunningRouter };
let asking: readonly ReturnType<typeof keepAsking>[];
let reloads: number;
let away: number;

const routed = (host: string) => ({
  ports: [app.target.port],
  annotations: { routingHosts: host, routingPaths: `${app.target.port}:/` },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'router-outage-'));
  app = await startApp('app');
  server = await startApiServer();
  owner = ownerOf(server);
  for (const namespace of ['open', 'keyed']) await owner.namespace(namespace);
  await owner.secret('keyed', 'routing', { 'api-key': key });
  await owner.pod('open', 'web', routed('open.test'));
  await owner.pod('keyed', 'web', routed('keyed.test'));
  const { access } = server;
  // The waits are those of the program; only the longest is shorter, so that the return is noticed soon.
  const watch = { backoff: { firstMs: 800, mostMs: 5_000 } };
  const left = await startRunning({ access, watch });
  routers = {
    left,
    anew: await startRunning({ access, watch, folder }),
    killed: await startRunning({ access, watch }),
  };
  reloads = await left.metric('reloads_total');
  asking = [
    keepAsking(() => left.ask('open.test', '/'), 200),
    keepAsking(() => left.ask('keyed.test', '/', shown), 200),
    keepAsking(() => left.ask('keyed.test', '/'), 403),
    keepAsking(() => left.ask('nobody.test', '/'), 0),
  ];
  await server.apiServer.kill();
  away = performance.now();
});

afterAll(async () => {
  for (const one of asking ?? []) await one.stop();
  for (const one of Object.values(routers ?? {})) await one[Symbol.asyncDispose]();
  await app?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('a router that starts while the API is away serves what was served last, is not ready, and lets no key pass', async () => {
  const { anew } = routers;
  await anew[Symbol.asyncDispose]();
  const { access } = server;
  const again = await startRunning({ access, folder, ports: anew.ports, awaitReady: false });
  routers = { ...routers, anew: again };
  await again.answers(200, 'open.test', '/');
  expect((await again.ask('keyed.test', '/', shown)).status).toBe(503);
  expect((await again.ask('keyed.test', '/')).status).toBe(503);
  expect(again.unready()).not.toBeNull();
});

test('nginx that is killed while the API is away comes back with what it served, its keys with it', async () => {
  const { killed } = routers;
  const master = async () => Number(await readFile(join(killed.folder, 'nginx.pid'), 'utf8').catch(() => '0'));
  const before = await master();
  process.kill(before, 'SIGKILL');
  await expect.poll(async () => [0, before].includes(await master())).toBe(false);
  await killed.answers(200, 'open.test', '/');
  await killed.answers(200, 'keyed.test', '/', shown);
  expect((await killed.ask('keyed.test', '/')).status).toBe(403);
});

test('F1: an API that is away for sixty seconds takes nothing from anybody, and what changes afterwards is served', async () => {
  const { left, anew } = routers;
  await sleep(outageMs - (performance.now() - away));
  expect([left.unready(), await left.metric('reloads_total')]).toEqual([null, reloads]);
  expect(await left.metric('staleness_seconds', 'source="pods"')).toBeGreaterThanOrEqual(59);
  await expect.poll(() => left.metric('faults_total', 'fault="connection"')).toBeGreaterThanOrEqual(10);
  await server.apiServer.start();
  await owner.pod('open', 'late', routed('late.test'));
  for (const router of Object.values(routers)) await router.answers(200, 'late.test', '/');
  await anew.answers(200, 'keyed.test', '/', shown);
  await expect.poll(() => anew.unready()).toBeNull();
  // What it had listed is listed again at most once for each source.
  expect(await left.metric('lists_total')).toBeLessThanOrEqual(6);
  for (const one of asking) {
    const { asked, others } = await one.stop();
    expect(others).toEqual([]);
    expect(asked).toBeGreaterThan(100);
  }
});
