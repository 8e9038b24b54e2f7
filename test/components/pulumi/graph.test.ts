import { expect, test } from 'vitest';
import { compile } from '../../../components/compile/compile.ts';
import type { KubeObject } from '../../../components/compile/output.ts';
import type { Environment } from '../../../components/model/schema/environment.ts';
import { type GraphResource, previewStack, unknown } from '../../../components/pulumi/preview.ts';
import { stacks } from '../../../stacks/stacks.ts';
import { configOf, environments, graphOf as runStack, stacksOf, today } from './stack-runs.ts';

const graphs = new Map<string, ReturnType<typeof runStack>>();

/** Each stack is run once: the SDK registers one stack at a time. */
async function graphOf(stack: string) {
  await Promise.all(graphs.values());
  const graph = graphs.get(stack) ?? runStack(stack);
  graphs.set(stack, graph);
  return graph;
}

async function synthesized(environment: string, changes: Partial<Environment> = {}): Promise<readonly KubeObject[]> {
  const data = await stacks[environment]!();
  const outcome = compile({
    environment: { ...data.environment, ...changes },
    definitions: data.apps.map((input) => ({ input })),
    today,
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  return outcome.groups.flatMap((group) => group.objects);
}

const isObject = ({ type }: GraphResource) => type.startsWith('kubernetes:');
/** Secrets are no part of `synth`: they have values. */
const isSynthesized = (resource: GraphResource) => isObject(resource) && !resource.parent.includes('RoutingSecrets');

/** What tells objects apart, in one line. */
const keyOf = ({ apiVersion, kind, metadata }: KubeObject) =>
  `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

/** The object without what only the provider reads. */
function meaning(object: KubeObject): KubeObject {
  const { annotations = {}, ...metadata } = object.metadata;
  const own = Object.entries(annotations).filter(([key]) => !key.startsWith('pulumi.com/'));
  const kept = own.length === 0 ? metadata : { ...metadata, annotations: Object.fromEntries(own) };
  return JSON.parse(JSON.stringify({ ...object, metadata: kept })) as KubeObject;
}

/** The address that the cloud gives is the one thing `synth` cannot know; it stands at one leaf of one object. */
function withoutReserved(object: KubeObject): KubeObject {
  const { loadBalancerIP, ...spec } = (object.spec ?? {}) as Readonly<Record<string, unknown>>;
  return loadBalancerIP === unknown ? { ...object, spec } : object;
}

const byKey = (objects: readonly KubeObject[]) =>
  new Map(objects.map((object) => [keyOf(object), meaning(object)] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)));

test.each(environments)(
  'the stacks of %s bring exactly the objects that synth writes, each once',
  async (environment) => {
    const graphs = [];
    for (const stack of await stacksOf(environment)) graphs.push(await graphOf(stack));
    const brought = graphs
      .flatMap(({ resources }) => resources.filter(isSynthesized))
      .map(({ inputs }) => withoutReserved(inputs as unknown as KubeObject));
    const written = await synthesized(environment);
    expect(brought).toHaveLength(written.length);
    expect(byKey(brought)).toEqual(byKey(written));
  },
);

/** Keys that someone else keeps; where no route asks for one, there is nothing to fetch. */
const secretStore = { name: 'vault', kind: 'ClusterSecretStore', prefix: 'company/' } as const;

test.each(environments)(
  'with a store, %s writes what fetches its keys on both roads, and no key',
  async (environment) => {
    await Promise.all(graphs.values());
    const config = { ...configOf(environment), 'edgeplane:secretStore': JSON.stringify(secretStore) };
    const run = { stack: environment, environments: stacks, config, today };
    const { resources } = await previewStack(run, { preview: true, platform: {} });
    const fetching = (objects: readonly KubeObject[]) => objects.filter(({ kind }) => kind === 'ExternalSecret');
    const brought = resources.filter(isObject).map(({ inputs }) => inputs as unknown as KubeObject);
    const written = await synthesized(environment, { secretStore });
    expect(byKey(fetching(brought))).toEqual(byKey(fetching(written)));
    expect(written.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    const made = resources.filter(({ type }) => type.endsWith(':RandomPassword')).map(({ name }) => name);
    const fetched = new Set(fetching(written).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
    expect(made.filter((name) => fetched.has(name.replace(/:.*/, '')))).toEqual([]);
    const keyed = [...(await gatekeptSecrets(environment))];
    expect([...fetched]).toEqual(expect.arrayContaining(keyed));
  },
);

/** Secrets that the routes of an environment check keys against, as `namespace/name`. */
async function gatekeptSecrets(environment: string): Promise<readonly string[]> {
  const data = await stacks[environment]!();
  const outcome = compile({
    environment: data.environment,
    definitions: data.apps.map((input) => ({ input })),
    today,
  });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome));
  return outcome.plan.routes.flatMap(({ namespace, protection }) =>
    protection.kind === 'apiKey' || protection.kind === 'bearer' ? [`${namespace}/${protection.secret}`] : [],
  );
}

test.each(environments)(
  'every object of %s has a parent and goes to the cluster of its environment',
  async (environment) => {
    for (const stack of await stacksOf(environment)) {
      const { resources } = await graphOf(stack);
      const provider = resources.find(({ type }) => type === 'pulumi:providers:kubernetes');
      expect(provider?.inputs).toMatchObject({
        enableServerSideApply: 'true',
        enableConfigMapMutable: 'true',
        enableSecretMutable: 'true',
      });
      for (const resource of resources.filter(isObject)) {
        expect(resource.provider.startsWith(`${provider?.urn}::`)).toBe(true);
        expect(resource.parent).not.toBe('');
      }
    }
  },
);

test.each(environments)(
  'resources of %s have URNs of their own, made of the names in Kubernetes',
  async (environment) => {
    for (const stack of await stacksOf(environment)) {
      const { resources } = await graphOf(stack);
      expect(new Set(resources.map(({ urn }) => urn)).size).toBe(resources.length);
      for (const { name, inputs } of resources.filter(isObject)) {
        const { metadata } = inputs as unknown as KubeObject;
        expect(name).toBe(metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`);
      }
    }
  },
);

test('definitions of kinds outlive their stack, and may be taken over by the next', async () => {
  const { resources } = await graphOf('local');
  const definitions = resources.filter(({ type }) => type.endsWith(':CustomResourceDefinition'));
  expect(definitions.length).toBeGreaterThan(0);
  for (const { retainOnDelete, inputs } of definitions) {
    expect(retainOnDelete).toBe(true);
    expect((inputs as unknown as KubeObject).metadata.annotations).toMatchObject({ 'pulumi.com/patchForce': 'true' });
  }
});

test('the number of pods is left to an autoscaler', async () => {
  const { resources } = await graphOf('production-apps');
  const scaled = resources.filter(({ type }) => type.endsWith(':HorizontalPodAutoscaler')).map(({ name }) => name);
  const ignoring = resources.filter(({ ignoreChanges }) => ignoreChanges.length > 0);
  expect(scaled).not.toEqual([]);
  expect(ignoring.map(({ name, ignoreChanges }) => [name, ignoreChanges])).toEqual(
    scaled.map((name) => [name, ['spec.replicas']]),
  );
});

test('only a load balancer that gets an address is waited for', async () => {
  const waits = async (stack: string) =>
    (await graphOf(stack)).resources
      .filter(({ type }) => type === 'kubernetes:core/v1:Service' || type.endsWith(':Ingress'))
      .map(({ inputs }) => inputs as unknown as KubeObject)
      .filter(({ metadata }) => metadata.annotations?.['pulumi.com/skipAwait'] !== 'true')
      .map(({ spec }) => (spec as { readonly type: string }).type);
  expect(await waits('local')).toEqual(['LoadBalancer']);
  expect(await waits('local-apps')).toEqual([]);
  expect(await waits('dev')).toEqual([]);
});

test('nothing that is waited for keeps from being made what it waits for', async () => {
  const { resources } = await graphOf('local');
  const before = (type: string, name: string) =>
    resources.find((one) => one.type === type && one.name === name)?.dependsOn.map((urn) => urn.split('::').at(-1));
  expect(before('kubernetes:apps/v1:Deployment', 'apps/edgeplane-gatekeeper')).toContain('apps/routing');
  expect(before('kubernetes:core/v1:Service', 'edgeplane-edge/edgeplane-edge')).toContain(
    'edgeplane-edge/edgeplane-edge',
  );
});
