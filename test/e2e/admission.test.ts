import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compile } from '../../components/compile/compile.ts';
import type { ObjectGroup } from '../../components/compile/output.ts';
import { type Definition, defineApp } from '../../components/model/define.ts';
import { cacheHome, nodePaths } from '../../local/cluster.ts';
import { run } from '../../local/command.ts';
import { type BuiltImage, ensureImages } from '../../local/images/build.ts';
import type { ImageName } from '../../local/images/catalogue.ts';
import { importImages } from '../../local/images/import.ts';
import { aliasesIn, pinImages } from '../../local/images/reference.ts';
import { edgeNodeLabel } from '../../local/topology.ts';
import { admission } from '../../stacks/apps/admission.ts';
import { environment as local } from '../../stacks/local.ts';
import { projectRoot } from './cluster.ts';
import { eventually, kubectlOf, settled, stayingPods, waitForPods } from './kubectl.ts';
import { forwardPort } from './port-forward.ts';

const cluster = sharedCluster();
const kubectl = kubectlOf(cluster);
const host = 'k8s-traefik.info';
const namespace = 'admission';
const token = 'foobar';

const system = admission(host);
const pybackend = system.find((definition) => definition.name === 'pybackend');
/** Answers with the request as it arrived, behind the same protection as the backends. */
const mirror = defineApp({
  name: 'mirror',
  owner: 'admission',
  image: 'edgeplane.local/echo:local',
  ports: { http: 8080 },
  replicas: 1,
  probes: { readiness: { check: { http: { path: '/healthz', port: 8081 } } } },
  protection: pybackend!.protection!,
  routes: [{ hosts: [host], paths: ['/mirror'], rewrite: { stripPrefix: true } }],
});

function groupsOf(definitions: readonly Definition[]): readonly ObjectGroup[] {
  const today = new Date().toISOString().slice(0, 10);
  const environment = { ...local, namespace };
  const outcome = compile({ environment, definitions: definitions.map((input) => ({ input })), today });
  if (!outcome.ok) throw new Error(JSON.stringify([outcome.problems, outcome.losses]));
  return outcome.groups;
}
const groups = groupsOf([...system, mirror]);

async function bringImages(): Promise<readonly BuiltImage[]> {
  const names = aliasesIn(groups) as readonly ImageName[];
  const images = await ensureImages(names, {
    cacheDir: `${cacheHome(process.env)}/images`,
    projectRoot,
    toolBinary: (tool) => (cluster.tools as Readonly<Record<string, string>>)[tool] ?? tool,
    run,
    env: process.env,
  });
  const nodes = cluster.topology.nodes.map((node) => ({
    name: node.name,
    socket: nodePaths(cluster.paths, node).containerdSocket,
  }));
  await importImages(images, nodes, run);
  return images;
}

let images: readonly BuiltImage[];
/** As `edgeplane up` applies. */
async function apply(...objects: readonly object[]): Promise<void> {
  const how = ['--server-side', '--field-manager=edgeplane', '--force-conflicts', '--validate=strict'];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await run(cluster.tools.kubectl, [`--kubeconfig=${cluster.paths.kubeconfig}`, 'apply', ...how, '-f', '-'], { input });
}
const objectsOf = (name: string) => pinImages(groups.find((group) => group.name === name)!.objects, images);
const appName = (name: string) => `${namespace}/${name}`;
const rolledOut = (name: string) =>
  kubectl('-n', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=120s');

interface Asked {
  readonly method?: string;
  /** Names and values in turn, as they go over the wire. */
  readonly headers?: readonly string[];
  readonly body?: unknown;
  /** @default the address of the edge */
  readonly at?: string;
  readonly port?: number;
  /** @default longer than the Python backend waits for the R one */
  readonly withinMs?: number;
}
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

let address: string;
const bearer = (value: string) => ['Authorization', `Bearer ${value}`];

/** One request to the edge, from outside the cluster. */
function ask(
  path: string,
  { method = 'GET', headers = [], body, at = address, port = 80, withinMs = 15_000 }: Asked = {},
): Promise<Answer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const framing = text === undefined ? [] : ['Content-Type', 'application/json', 'Content-Length', `${text.length}`];
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: at,
        port,
        path,
        method,
        headers: ['Host', host, ...headers, ...framing],
        timeout: withinMs,
        agent: false,
      },
      (answer) => {
        let received = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          received += chunk;
        });
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode!, headers: answer.headers, body: parsed(received) }),
        );
      },
    );
    sent.on('error', reject).on('timeout', () => sent.destroy(new Error(`no answer in ${withinMs} ms`)));
    sent.end(text);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Every pod of the edge answers so who may pass. */
const becomes = (path: string, status: number) =>
  settled(
    () => passed(path).catch(() => undefined),
    (answer) => answer?.status === status,
  );
const passed = (path: string, asked: Asked = {}) => ask(path, { ...asked, headers: bearer(token) });
const admissionOf = (backend: string, body?: unknown) =>
  passed(`/${backend}/admission`, { method: 'POST', ...(body === undefined ? {} : { body }) });

const podsOf = (space: string) => stayingPods(kubectl, space);
const edgePods = () => podsOf('edgeplane-edge');
/** Which edge processes run: another after a restart of any kind. */
const edgeProcesses = async () =>
  (await edgePods()).map(({ metadata, status }) => `${metadata.uid} ${status.containerStatuses?.[0]?.restartCount}`);

beforeAll(async () => {
  images = await bringImages();
  await kubectl.drop(namespace);
  await apply(...objectsOf('crds'));
  await kubectl('wait', '--for=condition=Established', 'crd/ingressroutes.traefik.io', '--timeout=60s');
  await apply(...objectsOf('platform'));
  await kubectl('-n', 'edgeplane-edge', 'rollout', 'status', 'daemonset/edgeplane-edge', '--timeout=180s');
  await apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'forward-auth', namespace },
    data: { token: Buffer.from(token).toString('base64') },
  });
  await apply(...objectsOf(appName('forward-auth')), ...objectsOf(appName('mirror')));
  await Promise.all(['forward-auth', 'mirror'].map(rolledOut));
  address = await eventually(
    () =>
      kubectl(
        ...['-n', 'edgeplane-edge', 'get', 'service', 'edgeplane-edge'],
        ...['-o', 'jsonpath={.status.loadBalancer.ingress[0].ip}'],
      ),
    (found) => found !== '',
  );
  await becomes('/mirror', 200);
});
afterAll(() => kubectl.drop(namespace));

describe('routes appear while the edge runs', () => {
  test('before a backend is applied its path is unknown, afterwards it answers, and no edge process changed', async () => {
    expect((await passed('/pybackend')).status).toBe(404);
    const before = await edgeProcesses();
    await apply(...objectsOf(appName('pybackend')), ...objectsOf(appName('rbackend')));
    await Promise.all(['pybackend', 'rbackend'].map(rolledOut));
    for (const path of ['/pybackend', '/rbackend']) await becomes(path, 200);
    expect(await edgeProcesses()).toEqual(before);
    // A Service forwards to a pod a moment after the pod is ready.
    await settled(
      () => admissionOf('pybackend', {}),
      (answer) => answer.status === 200,
    );
  });
});

describe.each([
  ['pybackend', 'Python Backend API'],
  ['rbackend', 'R Backend API'],
])('/%s', (backend, title) => {
  test('without a credential the answer is that of forward auth: 403, not authenticated', async () => {
    expect(await ask(`/${backend}`)).toMatchObject({ status: 403, body: { detail: 'Not authenticated' } });
  });

  test('another scheme gets 403, a wrong token 401 with the challenge', async () => {
    const basic = await ask(`/${backend}`, { headers: ['Authorization', 'Basic Zm9vYmFy'] });
    expect(basic).toMatchObject({ status: 403, body: { detail: 'Invalid authentication credentials' } });
    expect(await ask(`/${backend}`, { headers: bearer('foo') })).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: { detail: 'Invalid Token' },
    });
  });

  test('a second Authorization header does not help a wrong first one', async () => {
    const answer = await ask(`/${backend}`, { headers: [...bearer('foo'), ...bearer(token)] });
    expect([400, 401, 403]).toContain(answer.status);
  });

  test('the right token passes, and the prefix is gone when the backend is reached', async () => {
    expect(await passed(`/${backend}`)).toMatchObject({ status: 200, body: { title } });
    expect(await passed(`/${backend}/`)).toMatchObject({ status: 200, body: { title } });
  });

  test('a path that only begins with the same letters is not the backend', async () => {
    expect((await passed(`/${backend}s`)).status).toBe(404);
  });

  test('a known applicant is admitted or not by the model', async () => {
    expect(await admissionOf(backend, { gre: 600, rank: '1' })).toMatchObject({ status: 200, body: { result: true } });
    const low = { gre: 220, gpa: 2.1, rank: '4' };
    expect(await admissionOf(backend, low)).toMatchObject({ status: 200, body: { result: false } });
  });

  test('missing fields, and a missing body, take what is usual', async () => {
    const usual = (await admissionOf(backend, {})).body;
    expect(usual).toEqual({ result: expect.any(Boolean) });
    expect((await admissionOf(backend)).body).toEqual(usual);
    expect((await admissionOf(backend, { gre: null })).body).toEqual(usual);
  });

  test('admission too needs the token', async () => {
    const body = { gre: 600, rank: '1' };
    expect((await ask(`/${backend}/admission`, { method: 'POST', body })).status).toBe(403);
  });

  test.each([
    ['gre', 801],
    ['gre', -1],
    ['gre', 'many'],
    ['gpa', 4.01],
    ['gpa', -0.1],
    ['rank', '9'],
  ])('%s of %j is refused by name', async (field, value) => {
    const answer = await admissionOf(backend, { [field]: value });
    expect(answer.status).toBe(backend === 'pybackend' && field !== 'rank' ? 422 : 400);
    expect(JSON.stringify(answer.body)).toContain(field);
  });
});

test('the Python backend answers any one segment with the path it was asked for', async () => {
  const answer = await passed('/pybackend/applicants');
  expect(answer).toMatchObject({ status: 200, body: { title: 'Python Backend API', path: 'applicants' } });
});

/** Headers as an app behind the same protection gets them, names in lower case. */
async function arrived(headers: readonly string[]): Promise<readonly string[]> {
  const answer = await ask('/mirror/x', { headers });
  expect(answer.status).toBe(200);
  const { headers: pairs } = answer.body as { readonly headers: readonly (readonly [string, string])[] };
  return pairs.map(([name, value]) => `${name.toLowerCase()}: ${value}`);
}

test('named headers of the auth answer reach the app, over what the client sent under their names', async () => {
  const headers = await arrived([...bearer(token), 'X-Auth-User', 'forged']);
  expect(headers.filter((line) => line.startsWith('x-auth-user:'))).toEqual(['x-auth-user: admission-client']);
});

test('the credential is for forward auth alone: no app sees it, so none can hand it on', async () => {
  const headers = await arrived(bearer(token));
  expect(headers.filter((line) => line.startsWith('authorization:'))).toEqual([]);
});

const fetchInPython = `
import sys, urllib.error, urllib.request
try:
    print(urllib.request.urlopen(sys.argv[1], timeout=3).read().decode())
except urllib.error.HTTPError as error:
    print(error.code)
except OSError as error:
    print("unreachable:", error)
`;

import { sharedCluster } from './shared-cluster.ts';

/** What an app of the cluster gets from an address: a body, a status other than 200, or why it cannot be reached. */
const inside = (url: string) =>
  kubectl('-n', namespace, 'exec', 'deployment/pybackend', '--', 'python3', '-c', fetchInPython, url);

test('inside the cluster the R backend asks for no credential', async () => {
  expect(parsed(await inside('http://rbackend:8000/admission?gre=600&rank=1'))).toEqual({ result: true });
});

test('the edge runs on the edge nodes and the apps on the others', async () => {
  const edgeNodes = cluster.topology.nodes.filter((node) => node.labels[edgeNodeLabel.key] === edgeNodeLabel.value);
  const names = edgeNodes.map((node) => node.name).toSorted();
  expect((await edgePods()).map((found) => found.spec.nodeName).toSorted()).toEqual(names);
  const apps = (await podsOf(namespace)).map((found) => found.spec.nodeName);
  expect(apps.filter((node) => names.includes(node))).toEqual([]);
});

/** The port of the edge pod's API, health and metrics. */
const adminPort = 8080;

describe("Traefik's API and health on 8080", () => {
  test('an operator who forwards the port sees the health and the routes with their state', async () => {
    const { name } = (await edgePods())[0]!.metadata;
    const { origin, close } = await forwardPort(cluster, 'edgeplane-edge', name, adminPort);
    try {
      expect(await (await fetch(`${origin}/api/version`)).json()).toMatchObject({ Version: expect.any(String) });
      expect(await (await fetch(`${origin}/ping`)).text()).toBe('OK');
      const answer = await fetch(`${origin}/api/http/routers?per_page=1000`);
      const routers = (await answer.json()) as { readonly rule: string; readonly status: string }[];
      for (const prefix of ['/pybackend', '/rbackend']) {
        const own = routers.filter(({ rule }) => rule.includes(host) && rule.includes(`${prefix}/`));
        expect(new Set(own.map(({ status }) => status))).toEqual(new Set(['enabled']));
      }
    } finally {
      close();
    }
  });

  test('other pods see the health of the edge and neither its API nor the program beside it', async () => {
    for (const { status } of await edgePods()) {
      const at = (port: number, path: string) => inside(`http://${status.podIP}:${port}${path}`);
      expect((await at(adminPort, '/ping')).trim()).toBe('OK');
      for (const path of ['/api/overview', '/api/http/routers', '/api/rawdata', '/dashboard/', '/debug/vars'])
        expect((await at(adminPort, path)).trim()).toBe('404');
      expect(await at(8082, '/redirect?status=308&to=https://evil.test')).toMatch(/^unreachable: .*refused/);
      expect(await at(9000, '/api/overview')).toMatch(/^unreachable: .*refused/);
    }
  });

  test('the outside sees neither, by the address of the edge, by its nodes or by the door of the apps', async () => {
    const places = [address, ...cluster.topology.nodes.map((node) => node.address)];
    const ports = [adminPort, 8082, 8083];
    const doors = places.flatMap((at) => ports.map((port) => ({ at, port, withinMs: 3_000 })));
    const answers = await Promise.allSettled(doors.map((door) => ask('/ping', door)));
    expect(answers.map(({ status }) => status)).toEqual(doors.map(() => 'rejected'));
    for (const path of ['/api/overview', '/ping', '/dashboard/']) expect((await passed(path)).status).toBe(404);
  });
});

/** What an edge pod logged of this system's requests: other suites have words of their own in their paths. */
const ownLog = async (name: string) =>
  (await kubectl('-n', 'edgeplane-edge', 'logs', name))
    .split('\n')
    .filter((line) => line.includes(host))
    .join('\n');

test('the token is in no log, no event and no object but its Secret', async () => {
  const [app, edge] = [await podsOf(namespace), await edgePods()];
  const logs = await Promise.all([
    ...app.map(({ metadata }) => kubectl('-n', namespace, 'logs', metadata.name)),
    ...edge.map(({ metadata }) => ownLog(metadata.name)),
  ]);
  const kinds =
    'pods,deployments,replicasets,services,configmaps,events,ingressroutes.traefik.io,middlewares.traefik.io';
  const objects = await kubectl('-n', namespace, 'get', kinds, '-o', 'yaml', '--show-managed-fields');
  expect(logs.join('')).toContain('/healthz');
  for (const text of [...logs, objects]) {
    expect(text).not.toContain(token);
    expect(text).not.toContain(Buffer.from(token).toString('base64'));
  }
});

/** No pod of an app is left when this resolves. */
async function takeAway(app: string): Promise<void> {
  await kubectl('-n', namespace, 'scale', `deployment/${app}`, '--replicas=0');
  await waitForPods(kubectl, namespace, { label: `app.kubernetes.io/name=${app}`, become: 'delete', seconds: 120 });
}

describe('what fails', () => {
  test('without the R backend the Python one says so, and answers otherwise', async () => {
    await takeAway('rbackend');
    const answer = await admissionOf('pybackend', {});
    expect(answer).toMatchObject({ status: 502, body: { detail: expect.stringContaining('R backend') } });
    expect((await passed('/pybackend')).status).toBe(200);
  });

  test('without forward auth nobody passes, whatever the credential', async () => {
    await takeAway('forward-auth');
    for (const headers of [[], bearer(token), bearer('foo')]) {
      const { status } = await ask('/pybackend', { headers });
      expect(status).toBeGreaterThanOrEqual(500);
    }
    await kubectl('-n', namespace, 'scale', 'deployment/forward-auth', '--replicas=2');
    await rolledOut('forward-auth');
    await becomes('/pybackend', 200);
  });
});

describe('routes go while the edge runs', () => {
  test('a deleted backend is an unknown path, its neighbour still answers, and no edge process changed', async () => {
    const before = await edgeProcesses();
    const deleted = { apiVersion: 'v1', kind: 'List', items: objectsOf(appName('pybackend')) };
    await run(cluster.tools.kubectl, [`--kubeconfig=${cluster.paths.kubeconfig}`, 'delete', '-f', '-'], {
      input: JSON.stringify(deleted),
    });
    await becomes('/pybackend', 404);
    expect((await passed('/mirror')).status).toBe(200);
    expect(await edgeProcesses()).toEqual(before);
  });
});
