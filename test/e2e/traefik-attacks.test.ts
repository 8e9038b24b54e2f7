import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectPlain, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { endlessHead, frameType, headBomb, isAnswered, resetStorm, speak } from '../conformance/http2-attacks.ts';
import { startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { mainWorld, on, serviceOf, type World } from '../conformance/worlds.ts';
import { settled, stayingPods } from './kubectl.ts';
import { type ForwardedPort, forwardPort } from './port-forward.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const namespace = 'conformance-attacks';
const gibibyte = 1024 ** 3;
const endless = (query: string) =>
  `http://${serviceOf('b')}.${namespace}.svc.cluster.local/?__bytes=${gibibyte}${query}`;

const world: World = {
  name: 'attacks',
  environment: { ...mainWorld.environment, namespace },
  definitions: [
    ...mainWorld.definitions.filter(({ kind, name }) => kind === 'App' && ['a', 'b'].includes(name)),
    on('a', 'open', [
      { hosts: ['h.test'] },
      { hosts: ['limit.test'], bodyLimit: '1Mi' },
      { hosts: ['tls.test'], tls: { secret: 'tls-test' } },
      { hosts: ['bigauth.test'], protection: { forwardAuth: { url: endless('') } } },
      { hosts: ['bigrefusal.test'], protection: { forwardAuth: { url: endless('&__status=403') } } },
    ]),
  ],
};

/** What an attack may add to the memory of an edge pod, far below its limit. */
const mayAdd = 96 * 1024 * 1024;

let driver: TraefikDriver;
let pods: readonly string[] = [];
let forwards: readonly ForwardedPort[] = [];

beforeAll(async () => {
  driver = await startTraefik(cluster, world);
  await driver.serve(world);
  await answers('h.test', 200);
  pods = (await stayingPods(driver.kubectl, 'edgeplane-edge')).map(({ metadata }) => metadata.name);
  forwards = await Promise.all(pods.map((pod) => forwardPort(cluster, 'edgeplane-edge', pod, 8080)));
});

afterAll(async () => {
  for (const forward of forwards) forward.close();
  await driver.forget(world);
});

/** Every pod of the edge answers a host so. */
const answers = (host: string, wanted: number) =>
  settled(
    () => driver.send({ host, target: '/' }),
    ({ status }) => status === wanted,
  );

/** Resident memory of every Traefik, in the order of their pods. */
async function memory(): Promise<readonly number[]> {
  return Promise.all(
    forwards.map(async ({ origin }) => {
      const text = await (await fetch(`${origin}/metrics`)).text();
      return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
    }),
  );
}

/** The most that any of them had while something ran, beyond what it had before. */
async function added(work: () => Promise<unknown>): Promise<number> {
  const before = await memory();
  let most = 0;
  let running = true;
  const watching = (async () => {
    while (running) {
      const now = await memory();
      most = Math.max(most, ...now.map((bytes, index) => bytes - (before[index] ?? 0)));
      await sleep(100);
    }
  })();
  await work();
  running = false;
  await watching;
  return most;
}

const restarts = async () =>
  (await stayingPods(driver.kubectl, 'edgeplane-edge'))
    .flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);

let restartsBefore = 0;
beforeEach(async () => {
  restartsBefore = await restarts();
});
/** After every attack the edge is the same process and serves everybody else. */
afterEach(async () => {
  expect(await restarts()).toBe(restartsBefore);
  await answers('h.test', 200);
});

function download(host: string, path: string, pauseMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = { host: driver.door.address, port: driver.door.http, path, headers: { Host: host }, agent: false };
    httpGet(asked, (response: IncomingMessage) => {
      let bytes = 0;
      response.pause();
      setTimeout(() => response.resume(), pauseMs);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('end', () => resolve(bytes)).on('error', reject);
    }).on('error', reject);
  });
}

test('R19: an answer of 1 GiB streams through, whether its reader is quick or waits', async () => {
  let bytes = 0;
  const more = await added(async () => {
    bytes = await download('h.test', `/?__bytes=${gibibyte}`, 3_000);
  });
  process.stderr.write(`R19: ${bytes} bytes answered, ${(more / 1e6).toFixed(1)} MB more in the edge\n`);
  expect(bytes).toBe(gibibyte);
  expect(more).toBeLessThan(mayAdd);
});

test('R19: an auth service that answers 1 GiB is cut: its 200 passes, its refusal is a 500', async () => {
  const more = await added(async () => {
    await answers('bigauth.test', 200);
    await answers('bigrefusal.test', 500);
  });
  expect(more).toBeLessThan(mayAdd);
});

/** Sockets that each begin something and never end it. */
async function hold(count: number, begin: (socket: Socket) => void): Promise<readonly Socket[]> {
  return Promise.all(
    Array.from({ length: count }, () => {
      return new Promise<Socket>((resolve) => {
        const socket = connectPlain({ host: driver.door.address, port: driver.door.http }, () => {
          begin(socket);
          resolve(socket);
        });
        socket.on('error', () => resolve(socket));
      });
    }),
  );
}

test.each([
  ['heads', 'GET / HTTP/1.1\r\nHost: h.test\r\nX-Slow: '],
  ['bodies', 'POST / HTTP/1.1\r\nHost: h.test\r\nContent-Length: 100000\r\n\r\n'],
  [
    'bodies that the edge collects for a limit',
    'POST / HTTP/1.1\r\nHost: limit.test\r\nContent-Length: 100000\r\n\r\n',
  ],
])('R18: 400 slow %s at once keep nobody else waiting', async (_, head) => {
  const more = await added(async () => {
    const sockets = await hold(400, (socket) => socket.write(head));
    for (let second = 0; second < 5; second += 1) {
      for (const socket of sockets) socket.write('x');
      const sent = Array.from({ length: 10 }, () => driver.send({ host: 'h.test', target: '/' }));
      expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(Array(10).fill(200));
      await sleep(1_000);
    }
    for (const socket of sockets) socket.destroy();
  });
  expect(more).toBeLessThan(mayAdd);
});

test('R18: heads of 1 MiB are refused by the hundred, and not held', async () => {
  const headers = Array.from({ length: 1024 }, (_, index) => [`X-Flood-${index}`, 'x'.repeat(1000)] as const);
  const statuses = new Set<number>();
  const more = await added(async () => {
    for (let round = 0; round < 10; round += 1) {
      const sent = Array.from({ length: 10 }, () => driver.send({ host: 'h.test', target: '/', headers }));
      for (const { status } of await Promise.all(sent)) statuses.add(status);
    }
  });
  // 0: the connection was closed before everything was sent.
  expect([...statuses].filter((status) => status !== 431 && status !== 0)).toEqual([]);
  expect(more).toBeLessThan(mayAdd);
});

test('R18: a head that unpacks to 44 MB is refused, twenty times at once', async () => {
  let found: readonly (readonly number[])[] = [];
  const more = await added(async () => {
    found = await Promise.all(Array.from({ length: 20 }, () => speak(driver.door, headBomb)));
  });
  for (const types of found) expect(isAnswered(types)).toBe(true);
  expect(more).toBeLessThan(mayAdd);
});

test('R18: a head without an end, in 2000 pieces, is cut', async () => {
  let types: readonly number[] = [];
  const more = await added(async () => {
    types = await speak(driver.door, endlessHead, (found) => found.includes(frameType.goAway));
  });
  expect(types).toContain(frameType.goAway);
  expect(more).toBeLessThan(mayAdd);
});

test('R18: one connection has 250 streams at most, and 2000 that are begun and reset at once hurt nobody', async () => {
  const options = { servername: 'tls.test', rejectUnauthorized: false };
  const session = connectHttp2(`https://${driver.door.address}:${driver.door.https}`, options);
  await once(session, 'remoteSettings');
  session.on('error', () => {});
  expect(session.remoteSettings.maxConcurrentStreams).toBe(250);
  session.destroy();
  expect(
    await added(async () => {
      await speak(driver.door, resetStorm, () => false, 3_000);
    }),
  ).toBeLessThan(mayAdd);
});
