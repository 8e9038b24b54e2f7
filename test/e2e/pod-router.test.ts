import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodejsEnv, twoDoors } from '../../stacks/apps/pod-routed.ts';
import { environment as stack } from '../../stacks/pods.ts';
import type { RawRequest } from '../conformance/raw-client.ts';
import { startEdge, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { readReport } from '../conformance/verdict.ts';
import type { World } from '../conformance/worlds.ts';
import { eventually, settled } from './kubectl.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const namespace = 'pod-router';
const doors = 'pod-router-doors';
const keys = { 'public-api-key': 'public-0123456789abcdefghijkl', 'private-api-key': 'private-0123456789abcdefghijkl' };

/** Two routers in each edge pod: the public one behind the load balancer, the private one for the cluster alone. */
const world: World = {
  name: 'pod router',
  environment: { ...stack, namespace },
  definitions: [
    ...nodejsEnv('k8s.com'),
    ...twoDoors('k8s.com', 'k8s.local').map((app) => ({ ...app, namespace: doors })),
  ],
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

/** As `up` brings them: the Secret holds both keys from its first moment. */
async function bring({ apply, objectsOf, kubectl }: TraefikDriver): Promise<void> {
  const own = objectsOf(world).filter(({ kind, metadata }) =>
    [namespace, doors].includes(kind === 'Namespace' ? metadata.name : (metadata.namespace ?? '')),
  );
  await apply(own.filter(({ kind }) => kind === 'Namespace'));
  // Until then a pod is refused that no controller makes again.
  await kubectl('-n', namespace, 'wait', '--for=create', 'serviceaccount/default', '--timeout=60s');
  const metadata = { name: 'routing', namespace: doors };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData: keys };
  await apply([secret, caller, ...own.filter(({ kind }) => kind !== 'Namespace')]);
  for (const { metadata: app } of own.filter(({ kind }) => kind === 'Deployment'))
    await kubectl('-n', `${app.namespace}`, 'rollout', 'status', `deployment/${app.name}`, '--timeout=300s');
}

beforeAll(async () => {
  driver = await startEdge(cluster, world, { edge: 'pods', images: ['router', 'echo'] });
  await bring(driver);
  await driver.kubectl('-n', namespace, 'wait', '--for=condition=Ready', 'pod/caller', '--timeout=120s');
  await settled(
    () => get('test.k8s.com', '/nodejs'),
    ({ status }) => status === 200,
  );
  await settled(
    () => atPublicDoor([shown('public-api-key')]),
    ({ status }) => status === 200,
  );
});

afterAll(async () => {
  for (const each of [namespace, doors]) await driver.kubectl.drop(each);
});

const get = (host: string, target: string) => driver.send({ host, target });
const answering = async (host: string, target: string) => readReport(await get(host, target))?.service ?? null;

/** Sends a request as it stands and waits for the end of the answer, told by a line that nobody takes any more; by address, because the static busybox resolves no names. */
const request =
  '(printf "GET %s HTTP/1.1\\r\\nHost: %s\\r\\n%s\\r\\nConnection: close\\r\\n\\r\\n" "$2" "$3" "$4"; while sleep 1 && printf "\\r\\n"; do :; done) 2>/dev/null | nc "$1" 81';

/** What a pod inside the cluster gets at the private door: the status and who answered, or that the connection was closed. */
async function inside(host: string, target: string, header = 'X-Nothing: -'): Promise<string> {
  const where = 'jsonpath={.spec.clusterIP}';
  const address = await driver.kubectl('-n', 'edgeplane-edge', 'get', 'service', 'edgeplane-edge-private', '-o', where);
  const command = ['sh', '-c', request, 'sh', address, target, host, header];
  const { stdout } = await driver.kubectl.attempt('-n', namespace, 'exec', 'caller', '--', ...command);
  const status = /^HTTP\/1\.1 (\d{3})/.exec(stdout)?.[1] ?? 'closed';
  const service = /^X-Echo-Service: (\S+)/im.exec(stdout)?.[1];
  return service === undefined ? status : `${status} ${service}`;
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
      return new Set(reports.map((answer) => readReport(answer)?.pod ?? 'none')).size;
    },
    (pods) => pods === 3,
  );
});

const atPublicDoor = (headers: RawRequest['headers'] & {}) =>
  driver.send({ host: 'two.k8s.com', target: '/public', headers });
const shown = (door: keyof typeof keys) => ['X-ROUTING-API-KEY', Buffer.from(keys[door]).toString('base64')] as const;

test('the public door serves the public path alone, to callers that show its key', async () => {
  expect(readReport(await atPublicDoor([shown('public-api-key')]))?.service).toBe('two-doors');
  expect((await atPublicDoor([])).status).toBe(403);
  expect((await atPublicDoor([shown('private-api-key')])).status).toBe(403);
  expect((await get('two.k8s.com', '/internal')).status).toBe(404);
  expect((await get('two.k8s.local', '/internal')).status).toBe(0);
});

test('the private door serves the internal path, to callers inside the cluster that show its key', async () => {
  const header = shown('private-api-key').join(': ');
  await settled(
    () => inside('two.k8s.local', '/internal', header),
    (answer) => answer === '200 two-doors',
  );
  expect(await inside('two.k8s.local', '/internal')).toBe('403');
  expect(await inside('two.k8s.local', '/internal', shown('public-api-key').join(': '))).toBe('403');
  expect(await inside('two.k8s.local', '/public', header)).toBe('404');
  expect(await inside('two.k8s.com', '/public', header)).toBe('closed');
});

test('a Secret that is gone closes both doors rather than opens them', async () => {
  await driver.kubectl('-n', doors, 'delete', 'secret', 'routing');
  await settled(
    async () => [await inside('two.k8s.local', '/internal'), (await get('two.k8s.com', '/public')).status],
    ([inner, outer]) => inner === '503' && outer === 503,
  );
  expect(await answering('test.k8s.com', '/nodejs')).toBe('nodejs-env');
});
