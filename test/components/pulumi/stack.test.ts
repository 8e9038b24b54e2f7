import { expect, test } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { verb as render } from '../../../cli/verbs/render.ts';
import type { KubeObject } from '../../../components/compile/output.ts';
import { hidden, previewStack } from '../../../components/pulumi/preview.ts';
import { stackInput } from '../../../components/pulumi/stack-input.ts';
import { stackPlace } from '../../../components/pulumi/stack-name.ts';
import { stacks } from '../../../stacks/stacks.ts';
import { runVerb } from '../../cli/fake-io.ts';
import { configOf, environments, graphOf, platformOutputs, today } from './stack-runs.ts';

test('the longest environment that begins a stack’s name wins', () => {
  const place = (stack: string) => stackPlace(stack, ['eu', 'eu-west']);
  expect(place('eu')).toEqual({ ok: true, value: { environment: 'eu', part: { kind: 'platform' } } });
  expect(place('eu-west')).toEqual({ ok: true, value: { environment: 'eu-west', part: { kind: 'platform' } } });
  expect(place('eu-west-apps')).toEqual({ ok: true, value: { environment: 'eu-west', part: { kind: 'apps' } } });
  expect(place('eu-cart')).toEqual({ ok: true, value: { environment: 'eu', part: { kind: 'app', app: 'cart' } } });
  expect(place('europe')).toMatchObject({ ok: false, problems: [{ code: 'unknown-stack' }] });
});

test('an app with a stack of its own is in no other', async () => {
  const apps = async (stack: string) =>
    (await graphOf(stack)).resources.filter(({ type }) => type.startsWith('edgeplane:app:')).map(({ name }) => name);
  expect(await apps('local-reports')).toEqual(['apps/reports']);
  expect(await apps('local-apps')).not.toContain('apps/reports');
  expect(await apps('local')).toEqual([]);
});

test('the stacks of apps hold nothing that another app needs', async () => {
  for (const stack of ['local-apps', 'local-reports']) {
    const { resources } = await graphOf(stack);
    const types = resources.map(({ type }) => type);
    expect(types.filter((type) => /Namespace$|CustomResourceDefinition$|Secret$|RandomPassword$/.test(type))).toEqual(
      [],
    );
  }
});

test('apps need the platform of their environment, with the same edge', async () => {
  const missing = graphOf('local-apps', { platform: {} });
  await expect(missing).rejects.toThrow('stack local, cluster: found no outputs of the platform');
  const other = graphOf('local-apps', {
    platform: { edge: 'nginx', cluster: { kubeconfig: null, context: 'x', identifier: 'x' } },
  });
  await expect(other).rejects.toThrow('the platform of local with the edge traefik');
});

test('outputs show no routing key', async () => {
  const { outputs } = await graphOf('local', { preview: false, made: () => ({ result: 'a-key-that-is-secret' }) });
  expect(outputs.routingKeys).toBe(hidden);
  expect(JSON.stringify(outputs)).not.toContain('a-key-that-is-secret');
});

test.each(environments)('the configuration of %s has no problem', async (environment) => {
  const data = await stacks[environment]!();
  const input = stackInput({ data, part: { kind: 'platform' }, config: configOf(environment), today });
  expect(input).toMatchObject({ ok: true });
});

const gke = { project: 'example-staging', region: 'europe-west1', zones: ['europe-west1-b'] };
const withCluster = (cluster: unknown) => ({ 'edgeplane:cluster': JSON.stringify(cluster) });

/** Configurations with one mistake each: the place and the code of its problem. */
const mistakes: readonly (readonly [string, Readonly<Record<string, string>>, string, string])[] = [
  ['no cluster', {}, 'cluster', 'missing-field'],
  ['a kind of cluster nobody makes', withCluster({ eks: {} }), 'cluster', 'one-of'],
  ['contents of a kubeconfig', withCluster({ existing: { kubeconfig: 'a: {token: x}' } }), '', ''],
  [
    'a misspelled key',
    { ...withCluster({ existing: {} }), 'edgeplane:keyGenration': '1' },
    'keyGenration',
    'unknown-field',
  ],
  [
    'rotations below none',
    { ...withCluster({ existing: {} }), 'edgeplane:keyGeneration': '-1' },
    'keyGeneration',
    'wrong-value',
  ],
  [
    'routes in an overlay',
    { ...withCluster({ existing: {} }), 'edgeplane:overlays': '{"whoami":{"routes":[]}}' },
    'overlays',
    '',
  ],
  [
    'no project',
    withCluster({ gke: { region: 'europe-west1', zones: ['europe-west1-b'] } }),
    'cluster.gke.project',
    'missing-field',
  ],
  [
    'a zone of another region',
    withCluster({ gke: { ...gke, zones: ['us-east1-b'] } }),
    'cluster.gke.zones[0]',
    'zone-elsewhere',
  ],
  [
    'a control plane for everyone',
    withCluster({ gke: { ...gke, privateEndpoint: false } }),
    'cluster.gke.operators',
    'control-plane-open',
  ],
  [
    'fewer nodes at most than at least',
    withCluster({ gke: { ...gke, appNodes: { min: 5, max: 2 } } }),
    'cluster.gke.appNodes.max',
    'node-range',
  ],
  [
    'too little time for maintenance',
    withCluster({ gke: { ...gke, maintenance: { start: '02:00', hours: 4, days: ['SA', 'SU'] } } }),
    'cluster.gke.maintenance',
    'maintenance-window',
  ],
];

test.each(mistakes)('%s is a problem before any resource', async (_, config, path, code) => {
  const data = await stacks.staging!();
  const input = stackInput({ data, part: { kind: 'platform' }, config, today });
  if (input.ok) throw new Error('no problem was found');
  const found = input.problems.map((problem) => [problem.at.path, problem.code]);
  expect(found).toContainEqual([expect.stringContaining(path), code === '' ? expect.any(String) : code]);
});

test('all problems of configuration, definitions and cluster come at once, and nothing is registered', async () => {
  const data = await stacks.production!();
  const config = withCluster({ gke: { ...gke, privateEndpoint: false } });
  const input = stackInput({ data: { ...data, ownStacks: ['nobody'] }, part: { kind: 'platform' }, config, today });
  const codes = input.ok ? [] : input.problems.map(({ code }) => code);
  expect(codes.toSorted()).toEqual(['control-plane-open', 'edge-zones', 'unknown-app']);
});

test.each([
  ['an overlay', { kind: 'platform' }, 'edgeplane:overlays', { whoami: { replicas: 1 } }, 'Pulumi.local-apps.yaml'],
  [
    'an overlay of an app that stands alone',
    { kind: 'apps' },
    'edgeplane:overlays',
    { 'apps/reports': { replicas: 1 } },
    'Pulumi.local-reports.yaml',
  ],
  ['the store', { kind: 'apps' }, 'edgeplane:secretStore', { name: 'vault' }, 'Pulumi.local.yaml'],
] as const)('%s in the file of a stack that brings nothing of it is a problem', async (_, part, key, value, file) => {
  const data = await stacks.local!();
  const config = { ...(part.kind === 'platform' ? configOf('local') : {}), [key]: JSON.stringify(value) };
  const input = stackInput({ data, part, config, today });
  const problems = input.ok ? [] : input.problems;
  expect(problems.map(({ code, fix }) => [code, fix])).toEqual([['configured-elsewhere', `Set it in ${file}.`]]);
});

test('an overlay of the configuration changes that workload and nothing else', async () => {
  const data = await stacks.local!();
  const images = (replicas: string) => {
    const config = { 'edgeplane:overlays': `{"whoami":{"replicas":${replicas}}}` };
    const input = stackInput({ data, part: { kind: 'apps' }, config, today });
    return input.ok ? input.value.plan.apps.map(({ name, workload }) => [name, workload?.replicas]) : [];
  };
  const two = new Map(images('2') as [string, number][]);
  const three = new Map(images('3') as [string, number][]);
  expect([...three].filter(([name, replicas]) => two.get(name) !== replicas)).toEqual([['whoami', 3]]);
});

test('an overlay of the configuration means the same to Pulumi and to render', async () => {
  const overlays = { whoami: { replicas: 3, env: { NAME: 'configured' } } };
  const config = { 'edgeplane:overlays': JSON.stringify(overlays) };
  const run = { stack: 'local-apps', environments: stacks, config, today };
  const { resources } = await previewStack(run, { preview: true, platform: platformOutputs('traefik') });
  const files = { 'Pulumi.local-apps.yaml': stringify({ config: { 'edgeplane:overlays': overlays } }) };
  const { out } = await runVerb(render, [], { stack: 'local' }, files);
  const written = parseAllDocuments(out).map((document) => document.toJS() as KubeObject);
  const ofWhoami = ({ kind, metadata }: KubeObject) => kind === 'Deployment' && metadata.name === 'whoami';
  const brought = resources
    .map(({ inputs }) => inputs as unknown as KubeObject)
    .filter((one) => one.kind !== undefined);
  expect(brought.filter(ofWhoami)).toEqual(written.filter(ofWhoami));
  expect(JSON.stringify(written.find(ofWhoami))).toContain('"configured"');
});

test('the edit of `npm run test:pulumi` updates one resource and replaces none', async () => {
  const withReplicas = async (overlays: object) => {
    const config = { 'edgeplane:overlays': JSON.stringify(overlays) };
    const run = { stack: 'local-apps', environments: stacks, config, today };
    const { resources } = await previewStack(run, { preview: true, platform: platformOutputs('traefik') });
    return new Map(resources.map(({ urn, inputs }) => [urn, JSON.stringify(inputs)]));
  };
  const [before, after] = [await withReplicas({}), await withReplicas({ whoami: { replicas: 3 } })];
  expect([...after.keys()]).toEqual(expect.arrayContaining([...before.keys()]));
  expect(
    [...after].filter(([urn, inputs]) => before.get(urn) !== inputs).map(([urn]) => urn.split('$').at(-1)),
  ).toEqual(['kubernetes:apps/v1:Deployment::apps/whoami']);
});

test('a route that is added keeps every resource that was there, and those of other apps as they were', async () => {
  const data = await stacks.local!();
  const urns = async (apps: typeof data.apps) => {
    const environments = { local: async () => ({ ...data, apps }) };
    const run = { stack: 'local-apps', environments, config: {}, today };
    const { resources } = await previewStack(run, { preview: true, platform: platformOutputs('traefik') });
    return new Map(resources.map(({ urn, inputs }) => [urn, JSON.stringify(inputs)]));
  };
  const added = data.apps.map((app) =>
    app.kind === 'App' && app.name === 'whoami'
      ? {
          ...app,
          routes: [
            ...(app.routes ?? []),
            { hosts: ['more.edgeplane.test'], protection: { open: 'as open as the others' } },
          ],
        }
      : app,
  );
  const [before, after] = [await urns(data.apps), await urns(added)];
  for (const [urn, inputs] of before) {
    expect(after.has(urn)).toBe(true);
    if (!urn.includes('::apps/whoami')) expect(after.get(urn)).toBe(inputs);
  }
  expect(after.size).toBeGreaterThan(before.size);
});
