import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultReconcileTiming } from '../controllers/loop/timing.ts';
import { podsTiming } from '../controllers/router/pods/source.ts';
import { catalogue } from '../local/images/catalogue.ts';
import { bundleControllers } from '../scripts/bundle.ts';
import { eventually, freePort } from '../test/e2e/controllers/nginx-bench.ts';
import { ownerOf } from '../test/e2e/controllers/router-running.ts';
import { ensureNginx } from '../test/e2e/nginx-package.ts';
import { type ApiServer, startApiServer } from '../test/kube-apiserver.ts';
import type { Measurement } from './measure.ts';
import { makePods, nameOf, namespaceOf } from './router-pods.ts';

const podsHeld = 5_000;
/** Node's, as the router's image has them. */
const flagsOfImage = catalogue.router.entrypoint.slice(1, -1);

/**
 * The bundled program, as its image starts it, until it is ready beside 5,000 pods, then through changes of some. The
 * pods are spread over namespaces: one alone may not have so many routes.
 */
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
    await owner.ready(namespaceOf(pod), nameOf(pod), false);
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
  const words = ['--pdeathsig', 'TERM', '--', process.execPath, ...flagsOfImage, join(folder, 'program', 'router.cjs')];
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
  const namespace = namespaceOf(0);
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
