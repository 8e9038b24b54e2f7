import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onNginx, startNginx } from '../conformance/nginx-driver.ts';
import { type RawRequest, valuesOf } from '../conformance/raw-client.ts';
import type { TraefikDriver } from '../conformance/traefik-driver.ts';
import { readReport } from '../conformance/verdict.ts';
import { mainWorld, on, type World } from '../conformance/worlds.ts';
import { describeConformance } from './conformance.ts';
import { secondClient } from './network/outside.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const { topology } = cluster;
const edge = 'nginx-by-traefik';
const first = topology.outside.host;
/** An address that a trusted proxy tells of, and the proxy. */
const [told, proxy] = ['203.0.113.7', first.replace(/\d+$/, '51')];

/** Behind a load balancer that speaks PROXY protocol; a second client is nobody, a third is a proxy that is trusted. */
function proxied(world: World): World {
  const environment = {
    ...world.environment,
    exposure: { loadBalancer: { clientAddress: 'proxyProtocol' as const } },
    trustedProxies: [`${topology.router.address}/32`, `${proxy}/32`],
  };
  const addressed = on('a', 'addressed', [
    { hosts: ['second.test'], allowFrom: [`${first.replace(/\d+$/, '50')}/32`] },
    { hosts: ['far.test'], allowFrom: [`${told}/32`] },
  ]);
  return { ...world, environment, definitions: [...world.definitions, ...(world === mainWorld ? [addressed] : [])] };
}

const claims: NonNullable<RawRequest['headers']> = [
  ['X-Forwarded-For', told],
  ['X-Real-Ip', told],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'told.test'],
];

function describeClients(driver: () => TraefikDriver): void {
  let second: Awaited<ReturnType<typeof secondClient>>;
  let third: Awaited<ReturnType<typeof secondClient>>;

  beforeAll(async () => {
    second = await secondClient(topology);
    third = await secondClient(topology, proxy);
  });
  afterAll(async () => {
    await second?.drop();
    await third?.drop();
  });

  const ask = (host: string, from: string, headers: RawRequest['headers'] = []) =>
    driver().send({ host, target: '/', localAddress: from, headers });
  const seen = async (...asked: Parameters<typeof ask>) => {
    const report = readReport(await ask(...asked));
    return (name: string) => valuesOf(report?.headers ?? [], name);
  };

  test("V54: the client's own address arrives by the PROXY header of the load balancer", async () => {
    for (const client of [first, second.address]) {
      const header = await seen('h.test', client);
      expect([header('X-Real-Ip'), header('X-Forwarded-For')]).toEqual([[client], [client]]);
    }
  });

  test('V52: what a client says of itself is not believed', async () => {
    const header = await seen('h.test', second.address, claims);
    expect([header('X-Real-Ip'), header('X-Forwarded-For')]).toEqual([[second.address], [second.address]]);
    expect([header('X-Forwarded-Proto'), header('X-Forwarded-Host')]).toEqual([['http'], ['h.test']]);
  });

  test('V52: what a trusted proxy says of the client is, with the proxy added', async () => {
    expect((await seen('h.test', proxy, claims))('X-Forwarded-For')).toEqual([`${told}, ${proxy}`]);
  });

  test('an address is allowed by what the PROXY header tells, and by no header', async () => {
    const statusOf = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status;
    expect([await statusOf('second.test', second.address), await statusOf('second.test', first)]).toEqual([200, 403]);
    for (const from of [second.address, proxy]) expect(await statusOf('far.test', from, claims)).toBe(403);
  });
}

describeConformance(
  {
    edge,
    start: (world) => startNginx(cluster, world, edge),
    own: (world) => onNginx(proxied(world), edge),
  },
  (world, driver) => {
    if (world === mainWorld) describe('who the client is', () => describeClients(driver));
  },
);
