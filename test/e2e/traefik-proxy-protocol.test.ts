import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RawRequest, send, valuesOf } from '../conformance/raw-client.ts';
import { startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { differences, readReport } from '../conformance/verdict.ts';
import { mainWorld, on, type World } from '../conformance/worlds.ts';
import { settled, stayingPods } from './kubectl.ts';
import { secondClient } from './network/outside.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const { topology } = cluster;
const namespace = 'conformance-proxied';
const first = topology.outside.host;

/** The load balancer and the first client are trusted, the second client is nobody. */
const world: World = {
  name: 'proxied',
  environment: {
    ...mainWorld.environment,
    namespace,
    exposure: { loadBalancer: { clientAddress: 'proxyProtocol' } },
    trustedProxies: [`${topology.router.address}/32`, `${first}/32`],
  },
  definitions: [
    ...mainWorld.definitions.filter(({ kind, name }) => kind === 'App' && ['a', 'b', 'auth'].includes(name)),
    on('a', 'plain', [
      { hosts: ['plain.test'] },
      { hosts: ['second.test'], allowFrom: [`${topology.outside.host.replace(/\d+$/, '50')}/32`] },
      { hosts: ['far.test'], allowFrom: ['203.0.113.7/32'] },
      { hosts: ['secure.test'], tls: { secret: 'tls-test' } },
      { hosts: ['moved.test'], redirect: { path: '/c', status: 307 } },
    ]),
  ],
};

let driver: TraefikDriver;
let second: Awaited<ReturnType<typeof secondClient>>;

beforeAll(async () => {
  second = await secondClient(topology);
  driver = await startTraefik(cluster, world);
  await driver.serve(world);
  for (const [host, status] of [
    ['plain.test', 200],
    ['moved.test', 307],
  ] as const)
    await settled(
      () => driver.send({ host, target: '/' }),
      (answer) => answer.status === status,
    );
  // The load balancer takes to PROXY protocol in its own time.
  for (const client of [first, second.address])
    await settled(
      async () => (await seen('plain.test', client))('X-Real-Ip'),
      ([address]) => address === client,
    );
});

afterAll(async () => {
  await driver.forget(world);
  await second.drop();
  await startTraefik(cluster, mainWorld);
});

const claims: NonNullable<RawRequest['headers']> = [
  ['X-Forwarded-For', '203.0.113.7'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'told.test'],
];
const ask = (host: string, from: string, headers: RawRequest['headers'] = [], target = '/') =>
  driver.send({ host, target, localAddress: from, headers });
const seen = async (...asked: Parameters<typeof ask>) => {
  const report = readReport(await ask(...asked));
  return (name: string) => valuesOf(report?.headers ?? [], name);
};

test("V54: the client's own address arrives by the PROXY header of the load balancer", async () => {
  for (const client of [first, second.address])
    expect((await seen('plain.test', client))('X-Real-Ip')).toEqual([client]);
  expect(differences({ status: 200, service: 'a' }, await ask('second.test', second.address))).toEqual([]);
  expect(differences({ status: 403, service: null }, await ask('second.test', first))).toEqual([]);
});

test('V52: what a trusted sender says of the client is believed, with the sender added', async () => {
  const header = await seen('plain.test', first, claims);
  expect(header('X-Forwarded-For')).toEqual([`203.0.113.7, ${first}`]);
  expect(header('X-Forwarded-Proto')).toEqual(['https']);
  expect(header('X-Forwarded-Host')).toEqual(['told.test']);
});

test('V52: what anybody else says is not', async () => {
  const header = await seen('plain.test', second.address, claims);
  expect(header('X-Forwarded-For')).toEqual([second.address]);
  expect(header('X-Forwarded-Proto')).toEqual(['http']);
  expect(header('X-Forwarded-Host')).toEqual(['plain.test']);
});

test('an address is allowed by the rightmost that is no trusted proxy', async () => {
  const far = { status: 200, service: 'a' };
  expect(differences(far, await ask('far.test', first, claims))).toEqual([]);
  const forged = [['X-Forwarded-For', '203.0.113.7, 198.51.100.1']] as const;
  for (const answer of [await ask('far.test', first, forged), await ask('far.test', second.address, claims)])
    expect(differences({ status: 403, service: null }, answer)).toEqual([]);
});

test('the redirect to https steps aside for a trusted proxy that says https, and for nobody else', async () => {
  const moved = { status: 308, service: null, response: { Location: 'https://secure.test/x' } };
  expect(differences(moved, await ask('secure.test', first, [], '/x'))).toEqual([]);
  expect(differences(moved, await ask('secure.test', second.address, claims, '/x'))).toEqual([]);
  expect(differences({ status: 200, service: 'a' }, await ask('secure.test', first, claims, '/x'))).toEqual([]);
});

test('a redirect names no scheme where a proxy may have spoken another one, and never a host somebody told', async () => {
  const relative = { status: 307, service: null, response: { Location: '/c?q=1' } };
  expect(differences(relative, await ask('moved.test', first, claims, '/a?q=1'))).toEqual([]);
});

/** What the door of an edge pod answers to a pod of the cluster that sends these lines and waits for the end of the answer. */
async function asPod(name: string, lines: readonly string[]): Promise<string> {
  const { kubectl } = driver;
  const [pod] = await stayingPods(kubectl, 'edgeplane-edge');
  const text = [...lines, 'GET / HTTP/1.1', 'Host: plain.test', 'Connection: close', '', ''].join('\\r\\n');
  const container = {
    name: 'sender',
    image: 'edgeplane.local/busybox:local',
    imagePullPolicy: 'Never',
    command: [
      '/bin/sh',
      '-c',
      `(printf '${text}'; while sleep 1 && printf '\\r\\n'; do :; done) | nc ${pod?.status.podIP} 8000`,
    ],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const securityContext = { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } };
  const spec = { restartPolicy: 'Never', securityContext, containers: [container] };
  await kubectl.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name }, spec });
  await kubectl('-n', namespace, 'wait', `pod/${name}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=120s');
  return kubectl('-n', namespace, 'logs', name);
}

test('V54: a PROXY header from anybody but the load balancer makes nobody a client', async () => {
  const answer = await asPod('forger', ['PROXY TCP4 203.0.113.7 10.0.0.1 4711 80']);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).not.toContain('203.0.113.7');
});

test('V55: a sender without a PROXY header is served, by its own address', async () => {
  const answer = await asPod('plain', []);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(await send(driver.door, { host: 'plain.test', target: '/' })).toMatchObject({ status: 200 });
});
