import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../components/compile/compile.ts';
import { accessObjects } from '../../components/compile/edges/traefik/platform/access.ts';
import type { KubeObject } from '../../components/compile/output.ts';
import type { Environment } from '../../components/model/schema/environment.ts';
import { send } from '../conformance/raw-client.ts';
import { compiledPlan, startTraefik, type TraefikDriver } from '../conformance/traefik-driver.ts';
import { differences } from '../conformance/verdict.ts';
import { mainWorld, on, type World } from '../conformance/worlds.ts';
import { eventually, settled } from './kubectl.ts';
import { sharedCluster } from './shared-cluster.ts';

const cluster = sharedCluster();
const namespace = 'conformance-existing';
/** Where somebody else installed a Traefik of theirs, and what they call its class. */
const theirs = { namespace: 'foreign-traefik', class: 'foreign' };

/** As a plain installation starts it. */
const plainArgs = [
  '--entrypoints.web.address=:8000/tcp',
  '--entrypoints.websecure.address=:8443/tcp',
  '--entrypoints.web.forwardedheaders.insecure=true',
  '--ping=true',
  '--providers.kubernetescrd',
  '--providers.kubernetescrd.allowexternalnameservices=true',
  `--providers.kubernetescrd.ingressclass=${theirs.class}`,
];

const characters = ['Slash', 'BackSlash', 'NullCharacter', 'Semicolon', 'Percent', 'QuestionMark', 'Hash'];
/** With every option set that our losses ask for. */
const conformingArgs = [
  '--ping=true',
  '--providers.kubernetescrd.allowemptyservices=true',
  `--providers.kubernetescrd.ingressclass=${theirs.class}`,
  ...['web', 'websecure'].flatMap((door) => [
    `--entrypoints.${door}.address=:${door === 'web' ? 8000 : 8443}/tcp`,
    `--entrypoints.${door}.http.aliasheadersstrategy=delete`,
    ...characters.map(
      (name) => `--entrypoints.${door}.http.encodedcharacters.allowencoded${name.toLowerCase()}=${name === 'Slash'}`,
    ),
  ]),
];

const environmentOf = (args: readonly string[], accepted: readonly string[] = []): Environment => ({
  ...mainWorld.environment,
  namespace,
  existingEdge: { version: '3.7.12', args: [...args], namespace: theirs.namespace, ingressClass: theirs.class },
  acceptedLosses: accepted.map((name) => ({
    name: `traefik/existing-${name}`,
    at: `environment local, existingEdge${name === 'dot-segments' ? '.args' : ''}`,
    reason: 'an edge of somebody else has no file of ours and no program beside it',
    until: '2026-12-31',
  })),
});

const definitions = [
  ...mainWorld.definitions.filter(({ kind, name }) => kind === 'App' && ['a', 'b', 'auth'].includes(name)),
  on('a', 'open', [{ hosts: ['existing.test'] }, { hosts: ['*.existing.test'] }]),
  on('b', 'closed', [
    { name: 'asked', hosts: ['existing.test'], paths: ['/asked'], protection: { forwardAuth: { app: 'auth' } } },
    { name: 'key', hosts: ['existing.test'], paths: ['/key'], protection: { apiKey: {} } },
    { name: 'one', hosts: ['one.existing.test'], paths: ['/one'] },
  ]),
];
const unavoidable = ['dot-segments', 'auth-answers'];
const world: World = { name: 'existing', environment: environmentOf(conformingArgs, unavoidable), definitions };

const labels = { app: 'their-traefik' };
const meta = (name: string) => ({ name, namespace: theirs.namespace });

/** What somebody else applies: nothing of it is ours but the image, which is the only Traefik on the nodes. */
function installation(args: readonly string[]): readonly object[] {
  const environment = { ...compiledPlan(mainWorld).environment, edgeNamespace: theirs.namespace };
  const access = accessObjects(environment).map(
    (object) => JSON.parse(JSON.stringify(object).replaceAll('edgeplane-edge', theirs.namespace)) as KubeObject,
  );
  const container = {
    name: 'traefik',
    image: 'edgeplane.local/traefik:local',
    imagePullPolicy: 'Never',
    args,
    ports: [{ containerPort: 8000 }, { containerPort: 8443 }],
    readinessProbe: { httpGet: { path: '/ping', port: 8080 }, periodSeconds: 1 },
    volumeMounts: [{ name: 'scratch', mountPath: '/tmp' }],
  };
  return [
    ...access,
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: meta('their-traefik'),
      spec: {
        selector: { matchLabels: labels },
        strategy: { type: 'Recreate' },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: theirs.namespace,
            automountServiceAccountToken: true,
            terminationGracePeriodSeconds: 5,
            containers: [container],
            volumes: [{ name: 'scratch', emptyDir: {} }],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('their-traefik'),
      spec: {
        type: 'LoadBalancer',
        selector: labels,
        ports: [
          { name: 'web', port: 80, targetPort: 8000 },
          { name: 'websecure', port: 443, targetPort: 8443 },
        ],
      },
    },
  ];
}

let driver: TraefikDriver;
let address = '';

beforeAll(async () => {
  driver = await startTraefik(cluster, mainWorld);
  await driver.kubectl.freshNamespace(theirs.namespace);
});

afterAll(async () => {
  await driver.kubectl.drop(namespace);
  await driver.kubectl.drop(theirs.namespace);
  await driver.kubectl('delete', 'clusterrole,clusterrolebinding', theirs.namespace, '--ignore-not-found');
});

async function install(args: readonly string[]): Promise<void> {
  const { kubectl } = driver;
  await driver.apply(installation(args));
  await kubectl('-n', theirs.namespace, 'rollout', 'status', 'deployment/their-traefik', '--timeout=120s');
  const path = 'jsonpath={.status.loadBalancer.ingress[0].ip}';
  address = await eventually(
    () => kubectl('-n', theirs.namespace, 'get', 'service', 'their-traefik', '-o', path),
    (found) => found !== '',
  );
}

interface Deployment {
  readonly spec: { readonly template: { readonly spec: { readonly containers: [{ readonly args: string[] }] } } };
}

/** The options of the Traefik that runs, as its Deployment has them. */
async function liveArgs(): Promise<readonly string[]> {
  const found = await driver.kubectl.json('-n', theirs.namespace, 'get', 'deployment', 'their-traefik');
  return (found as Deployment).spec.template.spec.containers[0].args;
}

const ask = (host: string, target: string, headers: readonly (readonly [string, string])[] = []) =>
  send({ address, http: 80, https: 443 }, { host, target, headers });

/** Whichever node forwards a request. */
async function settles(
  host: string,
  target: string,
  expected: Parameters<typeof differences>[0],
  headers: Parameters<typeof ask>[2] = [],
): Promise<void> {
  await settled(
    async () => differences(expected, await ask(host, target, headers)),
    (wrong) => wrong.length === 0,
  );
}

test('the options of a plain installation are checked, and each guarantee they break is named with its mend', async () => {
  await install(plainArgs);
  const environment = environmentOf(await liveArgs());
  const outcome = compile({
    environment,
    definitions: definitions.map((input) => ({ input })),
    today: '2026-11-21',
  });
  expect(outcome.ok).toBe(false);
  const losses = outcome.ok ? [] : outcome.losses;
  expect(losses.map(({ name }) => name).toSorted()).toEqual(
    [
      'auth-answers',
      'dot-segments',
      'empty-services',
      'encoded-characters',
      'external-names',
      'header-spelling',
      'trusted-senders',
    ].map((name) => `traefik/existing-${name}`),
  );
  for (const { fix } of losses) expect(fix).toMatch(/^(Start that Traefik with|Protect these routes)/);
});

test('what is named is so: on the plain installation a route without its protection answers without it', async () => {
  await driver.serve(world);
  await settles('existing.test', '/key', { status: 403, service: null });
  const { items } = (await driver.kubectl.json('-n', namespace, 'get', 'middlewares')) as {
    items: { metadata: { name: string; annotations?: Record<string, string> } }[];
  };
  const key = items.find(
    ({ metadata: { name, annotations } }) =>
      name.endsWith('-auth') && annotations?.['edgeplane.dev/route']?.includes('/key'),
  );
  await driver.kubectl('-n', namespace, 'delete', 'middleware', key?.metadata.name ?? '');
  await settles('existing.test', '/key', { status: 200, service: 'a' });
});

test('with the options that were asked for only what needs our own edge is left to accept', async () => {
  await install(conformingArgs);
  const environment = environmentOf(await liveArgs());
  const outcome = compile({ environment, definitions: definitions.map((input) => ({ input })), today: '2026-11-21' });
  expect(outcome.ok ? [] : outcome.losses.map(({ name }) => name).toSorted()).toEqual(
    unavoidable.map((name) => `traefik/existing-${name}`).toSorted(),
  );
});

test('a conforming one serves apps: their routes, protection, hosts apart, and no edge of ours beside it', async () => {
  await driver.serve(world);
  await settles('existing.test', '/', { status: 200, service: 'a' });
  await settles('existing.test', '/key', { status: 403, service: null });
  await settles('existing.test', '/asked', { status: 401, service: null });
  await settles('one.existing.test', '/one', { status: 200, service: 'b' });
  await settles('one.existing.test', '/', { status: 404, service: null });
  await settles('two.existing.test', '/', { status: 200, service: 'a' });
  await settles('existing.test', '/%00', { status: 400, service: null });
  await settles('existing.test', '/asked', { status: 200, service: 'b' }, [['Authorization', 'Bearer good']]);
  expect(await driver.send({ host: 'existing.test', target: '/' })).toMatchObject({ status: 404 });
});

test('there a route without its protection is 503, as on our own edge', async () => {
  const { items } = (await driver.kubectl.json('-n', namespace, 'get', 'middlewares')) as {
    items: { metadata: { name: string } }[];
  };
  const auths = items.map(({ metadata }) => metadata.name).filter((name) => name.endsWith('-auth'));
  await driver.kubectl('-n', namespace, 'delete', 'middleware', ...auths);
  for (const target of ['/key', '/asked']) await settles('existing.test', target, { status: 503, service: null });
});
