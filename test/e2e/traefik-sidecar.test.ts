import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import type { Expected } from '../conformance/vector.ts';
import { differences, judge } from '../conformance/verdict.ts';
import { mainWorld, on, type World } from '../conformance/worlds.ts';
import { eventually, settled, stayingPods } from './kubectl.ts';
import { forwardPort } from './port-forward.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const namespace = 'conformance-sidecar';
const echo = (path: string) => `http://ext-b.${namespace}.svc.cluster.local${path}`;

const world: World = {
  name: 'sidecar',
  environment: { ...mainWorld.environment, namespace },
  definitions: [
    ...mainWorld.definitions.filter(({ kind, name }) => kind === 'App' && ['a', 'b', 'auth'].includes(name)),
    on('a', 'asked', [
      { hosts: ['open.test'] },
      { hosts: ['asked.test'], protection: { forwardAuth: { app: 'auth' } } },
      {
        hosts: ['signin.test'],
        protection: { forwardAuth: { app: 'auth', signIn: 'https://login.test/start?app=shop' } },
      },
      { hosts: ['late.test'], protection: { forwardAuth: { url: echo('/?__sleep=3s'), timeout: '1s' } } },
      { hosts: ['teapot.test'], protection: { forwardAuth: { url: echo('/?__status=418') } } },
      { hosts: ['moved.test'], redirect: { path: '/c', status: 307 } },
      { hosts: ['tls.test'], tls: { secret: 'tls-test' } },
    ]),
  ],
};

const bearer = (token: string) => [['Authorization', `Bearer ${token}`]] as const;

let driver: TraefikDriver;
const edgePods = () => stayingPods(driver.kubectl, 'edgeplane-edge');

beforeAll(async () => {
  driver = await startTraefik(cluster, world);
  await driver.serve(world);
  // An auth app that cannot be reached yet is a 500 as well, and not the one that is asked about.
  await settled(
    () => driver.send({ host: 'asked.test', target: '/', headers: bearer('good') }),
    ({ status }) => status === 200,
  );
});

afterAll(async () => {
  await driver.forget(world);
});

const refused = (status: number): Expected => ({ status, service: null });

test.each<[string, { host: string; target: string; token?: string }, Expected]>([
  ['V46: a redirect of the auth app is a 500', { host: 'asked.test', target: '/', token: 'redirect' }, refused(500)],
  ['another 4xx of the auth app is a 500', { host: 'teapot.test', target: '/' }, refused(500)],
  [
    'V51: a 401 becomes a redirect to the sign-in with the way back, encoded once',
    { host: 'signin.test', target: '/p?x=1&y=2' },
    {
      ...refused(302),
      response: { Location: 'https://login.test/start?app=shop&rd=http%3A%2F%2Fsignin.test%2Fp%3Fx%3D1%26y%3D2' },
    },
  ],
  ['a sign-in changes nothing for a 403', { host: 'signin.test', target: '/', token: 'forbidden' }, refused(403)],
  ['nor for who may pass', { host: 'signin.test', target: '/', token: 'good' }, { status: 200, service: 'a' }],
  [
    'GET keeps the status of a redirect',
    { host: 'moved.test', target: '/a?q=1' },
    { ...refused(307), response: { Location: 'http://moved.test/c?q=1' } },
  ],
])('%s', async (_, { host, target, token }, expected) => {
  const request = { host, target, headers: token === undefined ? [] : bearer(token) };
  expect(await judge(driver, { id: 'sidecar', says: '', request, expect: expected })).toEqual([]);
});

test('an auth service that is late is a 500 when its own time is over, not when Traefik tires of it', async () => {
  await settled(
    () => driver.send({ host: 'open.test', target: '/' }),
    ({ status }) => status === 200,
  );
  const started = Date.now();
  const answer = await driver.send({ host: 'late.test', target: '/' });
  expect(differences(refused(500), answer)).toEqual([]);
  // The auth service itself would have answered 200 after three seconds.
  process.stderr.write(`auth timeout of 1 s: refused after ${Date.now() - started} ms\n`);
});

test('its own counts tell how often it did what', async () => {
  const texts = await Promise.all(
    (await edgePods()).map(async ({ metadata }) => {
      const { origin, close } = await forwardPort(cluster, 'edgeplane-edge', metadata.name, 8083);
      const text = await (await fetch(`${origin}/metrics`)).text();
      close();
      return text;
    }),
  );
  const sum = (outcome: string) =>
    texts.reduce((all, text) => all + Number(new RegExp(`outcome="${outcome}"} (\\d+)`).exec(text)?.[1]), 0);
  for (const outcome of ['redirected', 'passed', 'refused', 'signIn', 'unexpected', 'silent'])
    expect({ outcome, many: sum(outcome) > 0 }).toEqual({ outcome, many: true });
});

test('what it costs: the median time of an answer with and without it', async () => {
  const median = async (host: string, headers: readonly (readonly [string, string])[] = []) => {
    const times: number[] = [];
    for (let count = 0; count < 100; count += 1) {
      const started = performance.now();
      expect((await driver.send({ host, target: '/', headers })).status).toBeLessThan(400);
      times.push(performance.now() - started);
    }
    return times.toSorted((a, b) => a - b)[50]?.toFixed(2);
  };
  const [open, asked, moved] = [
    await median('open.test'),
    await median('asked.test', bearer('good')),
    await median('moved.test'),
  ];
  process.stderr.write(`median: open ${open} ms, forward auth ${asked} ms, redirect ${moved} ms\n`);
});

/** The status codes of each kind of route while something is done to the edge. */
async function seenDuring(act: () => Promise<void>) {
  const seen = { open: new Set<number>(), asked: new Set<number>(), moved: new Set<number>() };
  let watching = true;
  const watch = (async () => {
    while (watching) {
      seen.open.add((await driver.send({ host: 'open.test', target: '/' })).status);
      seen.asked.add((await driver.send({ host: 'asked.test', target: '/', headers: bearer('forbidden') })).status);
      seen.moved.add((await driver.send({ host: 'moved.test', target: '/' })).status);
    }
  })();
  await act();
  await settled(
    () => driver.send({ host: 'asked.test', target: '/', headers: bearer('good') }),
    ({ status }) => status === 200,
  );
  watching = false;
  await watch;
  return { open: [...seen.open], asked: [...seen.asked], moved: [...seen.moved] };
}

const restarts = async () =>
  (await edgePods()).map(({ status }) => status.initContainerStatuses?.[0]?.restartCount ?? 0);

/** Runs a script by Node in the program's container. Who ends that container's first process may be ended with it: 137. */
async function inSidecar(pod: string, script: string, codes: readonly number[]): Promise<void> {
  const exec = ['-n', 'edgeplane-edge', 'exec', pod, '-c', 'sidecar', '--', '/usr/bin/node', '-e', script];
  const { exitCode, stderr } = await driver.kubectl.attempt(...exec);
  expect(codes, stderr).toContain(exitCode);
}

test('when its process dies everywhere at once nobody passes who must be asked, and open routes never fail', async () => {
  const pods = await edgePods();
  const before = await restarts();
  const kill = `
    const { readdirSync, readFileSync } = require('node:fs');
    const line = (pid) => { try { return readFileSync('/proc/' + pid + '/cmdline', 'utf8'); } catch { return ''; } };
    const found = readdirSync('/proc').filter((pid) => line(pid).split('\\0').includes('sidecar-answering'));
    if (found.length !== 1) throw new Error('processes: ' + found.length);
    process.kill(Number(found[0]), 'SIGKILL');`;
  const seen = await seenDuring(async () => {
    await Promise.all(pods.map(({ metadata }) => inSidecar(metadata.name, kill, [0])));
  });
  expect(seen.asked.filter((status) => ![403, 500].includes(status))).toEqual([]);
  expect(seen.moved.filter((status) => ![307, 500].includes(status))).toEqual([]);
  expect(seen.open).toEqual([200]);
  expect(await restarts()).toEqual(before);
});

test('when its container ends, the edge pod leaves the load balancer until it is back, and nobody passes meanwhile', async () => {
  for (const { metadata } of await edgePods()) {
    const sum = async () => (await restarts()).reduce((all, count) => all + count, 0);
    const before = await sum();
    const seen = await seenDuring(async () => {
      await inSidecar(metadata.name, "process.kill(1, 'SIGTERM')", [0, 137]);
      await eventually(sum, (count) => count === before + 1);
      await driver.kubectl('-n', 'edgeplane-edge', 'rollout', 'status', 'daemonset/edgeplane-edge', '--timeout=60s');
    });
    // No answer is what a client of that node has until the balancer has seen its pod go.
    expect(seen.asked.filter((status) => ![403, 500, 0].includes(status))).toEqual([]);
    expect(seen.moved.filter((status) => ![307, 500, 0].includes(status))).toEqual([]);
    expect(seen.open.filter((status) => ![200, 0].includes(status))).toEqual([]);
  }
});
