import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { onNginx, startNginx } from '../conformance/nginx-driver.ts';
import { type RawRequest, valuesOf } from '../conformance/raw-client.ts';
import type { TraefikDriver } from '../conformance/traefik-driver.ts';
import { readReport } from '../conformance/verdict.ts';
import { echo, mainWorld, on, type World } from '../conformance/worlds.ts';
import { eventually } from './kubectl.ts';
import { secondClient } from './network/outside.ts';

const cluster = inject('cluster');
const { topology } = cluster;
const namespace = 'nginx-proxied';
const edge = 'nginx-by-traefik';
const first = topology.outside.host;

/** The load balancer and the first client are trusted, the second client is nobody. */
const world: World = {
  name: 'Ingresses behind PROXY protocol',
  environment: {
    ...mainWorld.environment,
    namespace,
    exposure: { loadBalancer: { clientAddress: 'proxyProtocol' } },
    trustedProxies: [`${topology.router.address}/32`, `${first}/32`],
  },
  definitions: [
    echo('a'),
    on('a', 'plain', [
      { hosts: ['plain.test'] },
      { hosts: ['second.test'], allowFrom: [`${first.replace(/\d+$/, '50')}/32`] },
      { hosts: ['far.test'], allowFrom: ['203.0.113.7/32'] },
    ]),
  ],
};

let driver: TraefikDriver;
let second: Awaited<ReturnType<typeof secondClient>>;

beforeAll(async () => {
  second = await secondClient(topology);
  driver = await startNginx(cluster, world, edge);
  await driver.serve(onNginx(world, edge));
  await eventually(
    async () =>
      (await Promise.all(Array.from({ length: 8 }, () => ask('plain.test', first)))).map(({ status }) => status),
    (statuses) => statuses.every((status) => status === 200),
  );
});

afterAll(async () => {
  await driver?.forget(world);
  await second?.drop();
});

const claims: NonNullable<RawRequest['headers']> = [
  ['X-Forwarded-For', '203.0.113.7'],
  ['X-Real-Ip', '203.0.113.7'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'told.test'],
];
const ask = (host: string, from: string, headers: RawRequest['headers'] = []) =>
  driver.send({ host, target: '/', localAddress: from, headers });
const seen = async (...asked: Parameters<typeof ask>) => {
  const report = readReport(await ask(...asked));
  return (name: string) => valuesOf(report?.headers ?? [], name);
};

test("V54: the client's own address arrives by the PROXY header of the load balancer", async () => {
  for (const client of [first, second.address]) {
    const header = await seen('plain.test', client);
    expect([header('X-Real-Ip'), header('X-Forwarded-For')]).toEqual([[client], [client]]);
  }
});

test('V52: what a client says of itself is not believed', async () => {
  const header = await seen('plain.test', second.address, claims);
  expect([header('X-Real-Ip'), header('X-Forwarded-For')]).toEqual([[second.address], [second.address]]);
  expect([header('X-Forwarded-Proto'), header('X-Forwarded-Host')]).toEqual([['http'], ['plain.test']]);
});

test('V52: what a trusted sender says of the client is, with the sender added', async () => {
  expect((await seen('plain.test', first, claims))('X-Forwarded-For')).toEqual([`203.0.113.7, ${first}`]);
});

test('an address is allowed by what the PROXY header tells, and by no header of a client', async () => {
  const statusOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status;
  expect([await statusOf('second.test', second.address), await statusOf('second.test', first)]).toEqual([200, 403]);
  expect([await statusOf('far.test', second.address, claims), await statusOf('far.test', first, claims)]).toEqual([
    403, 403,
  ]);
});
