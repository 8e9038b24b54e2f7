import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleControllers } from '../../../scripts/bundle.ts';
import { send } from '../../conformance/raw-client.ts';
import { freePorts } from '../../free-ports.ts';
import { type ApiServer, startApiServer } from '../../kube-apiserver.ts';
import { projectRoot } from '../cluster.ts';
import { ensureNginx } from '../nginx-package.ts';
import { eventually } from './nginx-bench.ts';

let server: ApiServer;
let folder: string;
let program: string;
let token: string;

beforeAll(async () => {
  await ensureNginx();
  folder = await mkdtemp(join(tmpdir(), 'router-program-'));
  const files = await bundleControllers(projectRoot, folder);
  program = files.find((file) => file.endsWith('router.cjs')) ?? '';
  server = await startApiServer();
  await server.api.apply('/api/v1/namespaces/router', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'router' },
  });
  token = await server.tokenOf('router', 'router');
  await server.api.apply('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/router', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'router' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'router', namespace: 'router' }],
  });
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  readonly state: string;
  readonly output: () => Promise<string>;
}

/** Its standard output is a file: nginx opens it by its path, as it opens the pipe of a container. */
async function run(environment: Readonly<Record<string, string>>): Promise<Running> {
  const own = await mkdtemp(join(folder, 'run-'));
  const [state, log] = [join(own, 'state'), join(own, 'log')];
  await mkdir(state);
  const file = openSync(log, 'a');
  const env = { STATE_FOLDER: state, SERVICE_ACCOUNT_FOLDER: join(own, 'none'), ...environment };
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', file, file] });
  closeSync(file);
  return { child, state, output: () => readFile(log, 'utf8') };
}

async function inCluster(): Promise<Readonly<Record<string, string>>> {
  const account = await mkdtemp(join(folder, 'account-'));
  await writeFile(join(account, 'token'), token);
  await writeFile(join(account, 'ca.crt'), await readFile(server.caFile));
  return {
    SERVICE_ACCOUNT_FOLDER: account,
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(server.port),
  };
}

describe('the program', () => {
  test('serves in a cluster, logs each request without its query, and ends when it is told to', async () => {
    const [port = 0, health = 0] = await freePorts(2);
    const { child, output } = await run({
      ...(await inCluster()),
      PORT: `${port}`,
      HEALTH_PORT: `${health}`,
      UNKNOWN_HOST: '404',
      DRAIN_TIME: '400ms',
    });
    const ready = () =>
      fetch(`http://127.0.0.1:${health}/readyz`).then(
        (answer) => answer.status,
        () => 0,
      );
    await eventually(ready, (status) => status === 200);
    const answer = await send(
      { address: '127.0.0.1', http: port, https: 0 },
      { host: 'nobody.test', target: '/a?token=hidden', headers: [['Authorization', 'Bearer hidden']] },
    );
    expect(answer.status).toBe(404);
    const line = await eventually(
      async () =>
        (await output())
          .split('\n')
          .slice(0, -1)
          .find((one) => one.includes('nobody.test')),
      (one) => one !== undefined,
    );
    expect(JSON.parse(line ?? '')).toMatchObject({
      host: 'nobody.test',
      path: '/a',
      client: '127.0.0.1',
      status: '404',
      method: 'GET',
    });
    const metrics = await (await fetch(`http://127.0.0.1:${health}/metrics`)).text();
    expect(metrics).toContain('edgeplane_router_routes 0');
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await eventually(ready, (status) => status !== 200);
    expect(await gone).toEqual([0, null]);
    const everything = await output();
    expect(everything).not.toContain('hidden');
    expect(everything).not.toContain(token);
  });

  test('outside a cluster prints what it would serve, and touches nothing', async () => {
    await server.api.apply('/api/v1/namespaces/router/pods/web', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'web',
        labels: { routable: 'true' },
        annotations: { routingHosts: 'mock.test', routingPaths: '80:/' },
      },
      spec: { containers: [{ name: 'app', image: 'registry.test/app:1', ports: [{ containerPort: 80 }] }] },
    });
    await server.api.send({
      method: 'PATCH',
      path: '/api/v1/namespaces/router/pods/web/status',
      contentType: 'application/merge-patch+json',
      body: JSON.stringify({
        status: {
          phase: 'Running',
          podIP: '10.1.2.3',
          podIPs: [{ ip: '10.1.2.3' }],
          conditions: [{ type: 'Ready', status: 'True' }],
        },
      }),
    });
    const { child, state, output } = await run({ KUBECONFIG: server.kubeconfig });
    const served = ['server_name mock.test;', 'server 10.1.2.3:80;'];
    await eventually(output, (printed) => served.every((line) => printed.includes(line)));
    expect(await readdir(state)).toEqual([]);
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await gone).toEqual([0, null]);
  });

  test('a wrong configuration ends it with every mistake, before anything is started', async () => {
    const { child, output, state } = await run({ PORT: 'eighty', HEALTH_PORT: '-1' });
    expect(await once(child, 'exit')).toEqual([2, null]);
    expect(await output()).toMatch(/^Invalid configuration: PORT is an invalid port: eighty; HEALTH_PORT .*-1\.$/m);
    expect(await readdir(state)).toEqual([]);
  });
});
