import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { podRouted } from '../../stacks/apps/pod-routed.ts';
import { environment as stack } from '../../stacks/pods.ts';
import { startEdge, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { readReport } from '../conformance/verdict.ts';
import type { World } from '../conformance/worlds.ts';
import { eventually } from './kubectl.ts';

const cluster = inject('cluster');
const namespace = 'pod-router';
const key = 'private-0123456789abcdefghijkl';

/** Two routers in each edge pod: the public one behind the load balancer, the private one for the cluster alone. */
const world: World = {
  name: 'pod router',
  environment: { ...stack, namespace },
  definitions: podRouted('k8s.com', 'k8s.local'),
};

const caller = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'caller', namespace },
  spec: {
    containers: [
      {
        name: 'caller',
        image: 'edgeplane.local/busybox:local',
        imagePullPolicy: 'IfNotPresent',
        command: ['/bin/sleep', '3600'],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    terminationGracePeriodSeconds: 0,
  },
};

let driver: TraefikDriver;

beforeAll(async () => {
  driver = await startEdge(cluster, world, { edge: 'pods', images: ['router', 'echo'] });
  await driver.serve(world);
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'routing', namespace }, type: 'Opaque' };
  await driver.apply([{ ...secret, stringData: { 'private-api-key': key } }, caller]);
  await driver.kubectl('-n', namespace, 'wait', '--for=condition=Ready', 'pod/caller', '--timeout=120s');
  await eventually(
    () => get('test.k8s.com', '/nodejs'),
    ({ status }) => status === 200,
  );
});

afterAll(() => driver.forget(world));

const get = (host: string, target: string) => driver.send({ host, target });
const answering = async (host: string, target: string) => readReport(await get(host, target))?.service ?? null;

/** What a pod inside the cluster gets at the private door: the status, or how the connection ended. */
async function inside(host: string, target: string, headers: readonly string[] = []): Promise<string> {
  const url = `http://edgeplane-edge-private.edgeplane-edge.svc.cluster.local:81${target}`;
  const all = [`Host: ${host}`, ...headers].flatMap((header) => ['--header', header]);
  const { exitCode, stdout, stderr } = await driver.kubectl.attempt(
    '-n',
    namespace,
    'exec',
    'caller',
    '--',
    'wget',
    '-q',
    '-O',
    '-',
    '-T',
    '5',
    ...all,
    url,
  );
  if (exitCode === 0) return `200 ${(JSON.parse(stdout) as { service: string }).service}`;
  return /HTTP\/1\.1 (\d{3})/.exec(stderr)?.[1] ?? 'closed';
}

test('a path and what is below it reach the pod, by the port the pod declares', async () => {
  expect(await answering('test.k8s.com', '/nodejs')).toBe('nodejs-env');
  expect(await answering('test.k8s.com', '/nodejs/x?q=1')).toBe('nodejs-env');
});

test('a known host without such a path is 404, an unknown host is told nothing', async () => {
  expect((await get('test.k8s.com', '/nodejsfoo')).status).toBe(404);
  expect((await get('nobody.test', '/')).status).toBe(0);
});

test('requests go to every pod of the app', async () => {
  await driver.kubectl('-n', namespace, 'scale', 'deployment/nodejs-env', '--replicas=3');
  await eventually(
    async () => {
      const reports = await Promise.all(Array.from({ length: 12 }, () => get('test.k8s.com', '/nodejs')));
      return new Set(reports.map((answer) => (JSON.parse(answer.body) as { pod: string }).pod)).size;
    },
    (pods) => pods === 3,
  );
});

test('the public door serves the public path alone', async () => {
  expect(await answering('two.k8s.com', '/public')).toBe('two-doors');
  expect((await get('two.k8s.com', '/internal')).status).toBe(404);
  expect((await get('two.k8s.local', '/internal')).status).toBe(0);
});

test('the private door serves the internal path, to callers inside the cluster that show its key', async () => {
  const shown = [`X-ROUTING-API-KEY: ${Buffer.from(key).toString('base64')}`];
  await eventually(
    () => inside('two.k8s.local', '/internal', shown),
    (answer) => answer === '200 two-doors',
  );
  expect(await inside('two.k8s.local', '/internal')).toBe('403');
  expect(await inside('two.k8s.local', '/internal', ['X-ROUTING-API-KEY: wrong'])).toBe('403');
  expect(await inside('two.k8s.local', '/public', shown)).toBe('404');
  expect(await inside('two.k8s.com', '/public', shown)).toBe('closed');
});

test('a Secret that is gone closes the door rather than opens it', async () => {
  await driver.kubectl('-n', namespace, 'delete', 'secret', 'routing');
  await eventually(
    () => inside('two.k8s.local', '/internal'),
    (answer) => answer === '503',
  );
});
