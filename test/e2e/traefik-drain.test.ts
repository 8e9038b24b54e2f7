import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../local/command.ts';
import { startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { mainWorld, on, type World } from '../conformance/worlds.ts';
import { eventually } from './kubectl.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const world: World = {
  name: 'drain',
  environment: { ...mainWorld.environment, namespace: 'conformance-drain' },
  definitions: [
    ...mainWorld.definitions.filter(({ kind, name }) => kind === 'App' && (name === 'a' || name === 'b')),
    on('a', 'load', [{ hosts: ['load.test'] }]),
  ],
};
const edges = cluster.topology.nodes.filter(({ role }) => role === 'edge');
const [first, second] = edges;
let driver: TraefikDriver;

beforeAll(async () => {
  driver = await startTraefik(cluster, world);
  await driver.serve(world);
  await steady();
});

afterAll(async () => {
  await driver.forget(world);
});

const pods = () =>
  driver
    .kubectl('-n', 'edgeplane-edge', 'get', 'pods', '-o', 'jsonpath={.items[*].spec.nodeName}')
    .then((text) => text.split(' ').filter((name) => name !== ''));

/** Both edge pods serve again, and so does the address. */
async function steady(): Promise<void> {
  await driver.kubectl('-n', 'edgeplane-edge', 'rollout', 'status', 'daemonset/edgeplane-edge', '--timeout=180s');
  let right = 0;
  await eventually(
    async () => {
      right = (await once(undefined)) === 'ok' ? right + 1 : 0;
      return right;
    },
    (inARow) => inARow >= 20,
    120_000,
  );
}

/** One request; `ok`, a status, or the code of the error. */
function once(agent: Agent | undefined): Promise<string> {
  return new Promise((resolve) => {
    const target = { host: driver.door.address, port: driver.door.http, path: '/x', timeout: 20_000 };
    const message = request(
      { ...target, ...(agent === undefined ? { agent: false } : { agent }), headers: { host: 'load.test' } },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode === 200 ? 'ok' : String(answer.statusCode)));
        answer.on('error', () => resolve('cut off'));
      },
    );
    message.on('timeout', () => message.destroy(Object.assign(new Error('late'), { code: 'no answer in 20 s' })));
    message.on('error', (error: NodeJS.ErrnoException) =>
      resolve(`${message.reusedSocket ? 'kept connection' : 'new connection'}: ${error.code ?? error.message}`),
    );
    message.end();
  });
}

interface Tally {
  sent: number;
  readonly lost: Record<string, number>;
}

/** Clients of both manners, new connections and kept ones, without pause until told to stop. */
function load(): { readonly tally: Tally; readonly stop: () => Promise<Tally> } {
  const tally: Tally = { sent: 0, lost: {} };
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  let stopped = false;
  const client = async (own: Agent | undefined) => {
    while (!stopped) {
      const result = await once(own);
      tally.sent += 1;
      if (result !== 'ok') tally.lost[result] = (tally.lost[result] ?? 0) + 1;
      await sleep(15);
    }
  };
  const clients = [undefined, undefined, undefined, undefined, agent, agent, agent, agent].map(client);
  const stop = async () => {
    stopped = true;
    await Promise.all(clients);
    agent.destroy();
    return tally;
  };
  return { tally, stop };
}

function report(what: string, { sent, lost }: Tally): void {
  const sum = Object.values(lost).reduce((total, count) => total + count, 0);
  console.log(`${what}: ${sum} of ${sent} requests lost ${JSON.stringify(lost)}`);
}

test('an edge node that is drained loses no request', async () => {
  const { stop } = load();
  await sleep(2000);
  await driver.kubectl('label', 'node', first?.name ?? '', 'role-');
  await eventually(pods, (names) => !names.includes(first?.name ?? ''), 120_000);
  await sleep(2000);
  await driver.kubectl('label', 'node', first?.name ?? '', 'role=edge-router');
  await eventually(pods, (names) => names.length === edges.length, 120_000);
  await steady();
  const tally = await stop();
  report('drained and brought back', tally);
  expect(tally.lost).toEqual({});
});

test('a rollout of the edge loses no request', async () => {
  const { stop } = load();
  await driver.kubectl('-n', 'edgeplane-edge', 'rollout', 'restart', 'daemonset/edgeplane-edge');
  await driver.kubectl('-n', 'edgeplane-edge', 'rollout', 'status', 'daemonset/edgeplane-edge', '--timeout=300s');
  await eventually(pods, (names) => names.length === edges.length, 120_000);
  const tally = await stop();
  report('rolled out', tally);
  expect(tally.lost).toEqual({});
});

test('when an edge node dies, requests are lost until the load balancer notices, and none after', async () => {
  const { stop } = load();
  await sleep(1000);
  const cut = (verb: '-I' | '-D') =>
    run('nsenter', [
      `--net=/run/netns/${second?.netns}`,
      'iptables',
      '-w',
      '5',
      '-t',
      'raw',
      verb,
      'PREROUTING',
      '!',
      '-i',
      'lo',
      '-j',
      'DROP',
    ]);
  await cut('-I');
  try {
    await sleep(15_000);
    report('one edge node dead for 15 s', await stop());
    const after = load();
    await sleep(5000);
    await eventually(
      async () => after.tally.sent,
      (sent) => sent > 100,
    );
    const tally = await after.stop();
    report('after the load balancer noticed', tally);
    expect(tally.lost).toEqual({});
  } finally {
    await cut('-D');
  }
  await steady();
});
