import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../controllers/loop/clock.ts';
import { defaultReconcileTiming } from '../controllers/loop/timing.ts';
import { readConfiguration } from '../controllers/router/configuration.ts';
import { podsTiming } from '../controllers/router/pods/source.ts';
import { type Router, startRouter } from '../controllers/router/program.ts';
import { bundleControllers } from '../scripts/bundle.ts';
import { send } from '../test/conformance/raw-client.ts';
import { ensureNginx, eventually, freePort } from '../test/e2e/controllers/nginx-bench.ts';
import { ownerOf } from '../test/e2e/controllers/router-running.ts';
import { type ApiServer, startApiServer } from '../test/kube-apiserver.ts';
import { type Measurement, medianOf, quantileOf } from './measure.ts';
import { startAnsweringNginx } from './router-nginx.ts';

const namespace = 'bench';
const podsServed = 1_000;
const podsHeld = 5_000;
/** Pods that become ready together, and how often some do: enough for a quantile of 0.99. */
const together = 8;
const rounds = 15;
/** Calls of the API server under way at one time. */
const callers = 8;

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
      await owner.ready(namespace, nameOf(pod), true);
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

/** The bundled program, as an image has it, until it is ready beside 5,000 pods, then through changes of some. */
export async function benchMemory(root: string): Promise<readonly Measurement[]> {
  await using api = await startApiServer();
  const folder = await mkdtemp(join(tmpdir(), 'router-bench-'));
  try {
    await makePods(api, podsHeld, (index) => ({
      port: 8080,
      ready: true,
      address: `10.${index >> 8}.${index & 255}.7`,
    }));
    const { pid, stop } = await startBundled(root, folder, api);
    try {
      await changePods(api);
      const [highest, now] = await Promise.all([memoryOf(pid, 'VmHWM'), memoryOf(pid, 'VmRSS')]);
      return [
        { what: `controller's memory at ${podsHeld} pods`, found: now, unit: 'MiB', atMost: 150 },
        { what: '  the highest since its start', found: highest, unit: 'MiB', atMost: 150 },
      ];
    } finally {
      await stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function changePods(api: ApiServer): Promise<void> {
  const owner = ownerOf(api);
  for (let pod = 0; pod < 100; pod += 1) {
    await owner.ready(namespace, nameOf(pod), false);
    await sleep(50);
  }
  await sleep(defaultReconcileTiming.minGapMs + (podsTiming.quietMs ?? 0));
}

async function startBundled(root: string, folder: string, api: ApiServer) {
  await ensureNginx();
  await bundleControllers(root, join(folder, 'program'));
  const account = join(folder, 'account');
  const state = join(folder, 'state');
  for (const each of [account, state]) await mkdir(each);
  await writeFile(join(account, 'token'), await ownersToken(api));
  await writeFile(join(account, 'ca.crt'), await readFile(api.caFile));
  const [port, health] = [await freePort(), await freePort()];
  const environment = {
    PATH: process.env.PATH,
    ...{ PORT: `${port}`, HEALTH_PORT: `${health}`, DRAIN_TIME: '1s', ACCESS_LOG: 'false' },
    ...{ KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: `${api.port}` },
    ...{ SERVICE_ACCOUNT_FOLDER: account, STATE_FOLDER: state },
  };
  const words = ['--pdeathsig', 'TERM', '--', process.execPath, join(folder, 'program', 'router.cjs')];
  const child = spawn('setpriv', words, { env: environment, stdio: 'ignore' });
  await once(child, 'spawn');
  const gone = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await gone;
  };
  const status = () =>
    fetch(`http://127.0.0.1:${health}/readyz`).then(
      (answer) => answer.status,
      () => 0,
    );
  await eventually(status, (found) => found === 200, 60_000).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { pid: child.pid ?? 0, stop };
}

/** A service account that may read what the router reads. */
async function ownersToken(api: ApiServer): Promise<string> {
  const token = await api.tokenOf(namespace, 'router');
  await api.api.apply('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/router', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'router' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'router', namespace }],
  });
  return token;
}

/** MiB. */
async function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
}

const nameOf = (pod: number) => `pod-${pod}`;

interface PodAt {
  readonly port: number;
  readonly ready: boolean;
  /** @default 127.0.0.1 */
  readonly address?: string;
}

/** Each pod has a host of its own. */
async function makePods(api: ApiServer, count: number, at: (index: number) => PodAt): Promise<void> {
  await ownerOf(api).namespace(namespace);
  let next = 0;
  const caller = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await makePod(api, nameOf(index), at(index));
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

async function makePod({ api }: ApiServer, name: string, { port, ready, address = '127.0.0.1' }: PodAt): Promise<void> {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const annotations = { routingHosts: `${name}.bench.test`, routingPaths: `${port}:/` };
  const containers = [{ name: 'app', image: 'registry.test/app:1', ports: [{ containerPort: port }] }];
  const pod = {
    metadata: { name, labels: { routable: 'true' }, annotations },
    spec: { automountServiceAccountToken: false, containers },
  };
  await api.send({ method: 'POST', path: pods, body: JSON.stringify(pod), contentType: 'application/json' });
  const condition = { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:00Z' };
  const status = { phase: 'Running', podIP: address, podIPs: [{ ip: address }], conditions: [condition] };
  const contentType = 'application/merge-patch+json';
  await api.send({ method: 'PATCH', path: `${pods}/${name}/status`, body: JSON.stringify({ status }), contentType });
}
