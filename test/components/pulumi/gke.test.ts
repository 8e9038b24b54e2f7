import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../../components/compile/compile.ts';
import type { KubeObject } from '../../../components/compile/output.ts';
import type { EnvironmentPlan } from '../../../components/compile/plan.ts';
import type { Environment } from '../../../components/model/schema/environment.ts';
import { execKubeconfig } from '../../../components/pulumi/cluster/connection.ts';
import { edgeContractProblems } from '../../../components/pulumi/cluster/edge-contract.ts';
import { gkeProblems, gkeSpec, privateRanges } from '../../../components/pulumi/cluster/gke-spec.ts';
import { poolIdentities, replacingEdits } from '../../../components/pulumi/cluster/node-pool-edits.ts';
import type { GraphResource } from '../../../components/pulumi/preview.ts';
import { environment as internal } from '../../../stacks/internal.ts';
import { environment as production } from '../../../stacks/production.ts';
import { graphOf, today } from './stack-runs.ts';

const config = { project: 'example-production', region: 'europe-west1', zones: ['europe-west1-b', 'europe-west1-c'] };

function compiled({ overlays: _, ...environment }: Environment): {
  plan: EnvironmentPlan;
  platform: readonly KubeObject[];
} {
  const outcome = compile({ environment, definitions: [], today });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  const platform = outcome.groups.flatMap((group) => (group.kind === 'platform' ? group.objects : []));
  return { plan: outcome.plan.environment, platform };
}

const made = () => ({ address: '203.0.113.7', result: 'a-key', masterAuth: { clusterCaCertificate: 'Q0E=' } });
const graph = graphOf('production', { preview: false, made });
const of = async (type: string) => (await graph).resources.filter((resource) => resource.type === type);
const named = (resources: readonly GraphResource[], name: string) => resources.find((one) => one.name === name)?.inputs;

test('the edge pool has label, taint, tag and surge, and a node in each of two zones', async () => {
  const pool = named(await of('gcp:container/nodePool:NodePool'), 'production-edge');
  expect(pool).toMatchObject({
    nodeCount: 1,
    nodeLocations: ['europe-west1-b', 'europe-west1-c'],
    upgradeSettings: { maxSurge: 1, maxUnavailable: 0 },
    nodeConfig: {
      labels: { role: 'edge-router' },
      taints: [{ key: 'dedicated', value: 'edge-router', effect: 'NO_SCHEDULE' }],
      tags: ['production-node', 'production-edge-router'],
    },
  });
});

test('only edge nodes open the ports, before the rules that GKE makes for load balancers at 1000', async () => {
  const rules = await of('gcp:compute/firewall:Firewall');
  const [open, health, closed] = ['edge', 'edge-health', 'edge-closed'].map((name) =>
    named(rules, `production-${name}`),
  );
  expect(open).toMatchObject({
    priority: 800,
    targetTags: ['production-edge-router'],
    destinationRanges: ['203.0.113.7/32'],
    allows: [{ protocol: 'tcp', ports: ['80', '443'] }],
  });
  expect(health).toMatchObject({ priority: 800, targetTags: ['production-edge-router'] });
  expect(closed).toMatchObject({
    priority: 900,
    targetTags: ['production-node'],
    destinationRanges: ['203.0.113.7/32'],
    denies: [{ protocol: 'all' }],
  });
});

test('the reserved address stands in the Service of the edge once it is known', async () => {
  const services = (await graph).resources.filter(({ type }) => type === 'kubernetes:core/v1:Service');
  const addresses = services.map(({ inputs }) => (inputs.spec as { readonly loadBalancerIP?: string }).loadBalancerIP);
  expect(addresses.filter((address) => address !== undefined)).toEqual(['203.0.113.7']);
});

test('what holds data or names in DNS is protected in production', async () => {
  const { resources } = await graph;
  const kept = resources.filter(({ protect }) => protect).map(({ type }) => type.split(':').at(-1));
  expect(kept.toSorted()).toEqual(['Address', 'Cluster', 'CryptoKey', 'KeyRing']);
});

test('an internal environment is reachable from private addresses only', async () => {
  const { resources } = await graphOf('internal');
  const rules = resources.filter(({ type }) => type === 'gcp:compute/firewall:Firewall');
  expect(named(rules, 'internal-edge')).toMatchObject({ sourceRanges: privateRanges });
  const address = resources.find(({ type }) => type === 'gcp:compute/address:Address')?.inputs;
  expect(address).toMatchObject({ addressType: 'INTERNAL', address: '10.132.0.10' });
  const { plan } = compiled(internal);
  if (plan.exposure.kind !== 'loadBalancer') throw new Error('no load balancer');
  const open = { ...plan, exposure: { ...plan.exposure, sourceRanges: ['0.0.0.0/0', '172.0.0.0/8'] } };
  expect(gkeProblems(config, open).map(({ code, found }) => [code, found])).toEqual([
    ['internal-open', '0.0.0.0/0'],
    ['internal-open', '172.0.0.0/8'],
  ]);
});

test('PROXY protocol on GKE is a problem', () => {
  const exposure = { loadBalancer: { clientAddress: 'proxyProtocol' as const } };
  const { plan } = compiled({ ...production, exposure, trustedProxies: ['10.0.0.0/8'] });
  expect(gkeProblems(config, plan).map(({ code, at }) => [code, at.path])).toEqual([
    ['client-address', 'exposure.loadBalancer.clientAddress'],
  ]);
});

test('production with one zone is a problem', () => {
  const { plan } = compiled(production);
  expect(gkeProblems({ ...config, zones: ['europe-west1-b'] }, plan).map(({ code }) => code)).toEqual(['edge-zones']);
});

test('no pool has fewer edge nodes than the environment asks for', () => {
  const { plan } = compiled(production);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 3 }), (count, zones) => {
      const places = Array.from({ length: zones }, (_, index) => `europe-west1-${'bcd'[index]}`);
      const spec = gkeSpec({ ...config, zones: places }, { ...plan, edgeNodes: { ...plan.edgeNodes, count } });
      const nodes = spec.edgePool.nodesPerZone * zones;
      return nodes >= count && nodes < count + zones;
    }),
  );
});

test('the edge contract is held across nodes, firewall and objects', () => {
  const { plan, platform } = compiled(production);
  const spec = gkeSpec(config, plan);
  expect(edgeContractProblems(spec, platform)).toEqual([]);
  const moved = {
    ...spec.edgePool,
    label: { key: 'role', value: 'edge' },
    taint: { ...spec.edgePool.taint, value: 'edge' },
  };
  const paths = edgeContractProblems({ ...spec, edgePool: moved }, platform).map(({ at }) => at.path);
  expect(paths).toEqual(['spec.template.spec.nodeSelector', 'spec.template.spec.tolerations']);
  const closed = { ...spec, exposure: { ...spec.exposure, ports: [443] } };
  expect(edgeContractProblems(closed, platform).map(({ found }) => found)).toEqual(['port 80']);
});

test('an edit that replaces the nodes of a pool is told before it happens', () => {
  const { plan } = compiled(production);
  const before = poolIdentities(gkeSpec(config, plan));
  const taint = { ...plan.edgeNodes.taint, value: 'door' };
  const after = poolIdentities(gkeSpec(config, { ...plan, edgeNodes: { ...plan.edgeNodes, taint } }));
  expect(replacingEdits(before, before)).toEqual([]);
  expect(replacingEdits(undefined, after)).toEqual([]);
  expect(replacingEdits(before, after)).toEqual([
    expect.stringContaining('taint changes from dedicated=edge-router:NO_SCHEDULE to dedicated=door:NO_SCHEDULE'),
  ]);
});

test('a kubeconfig asks a plugin for a token and holds none', () => {
  const kubeconfig = execKubeconfig('production', '10.0.0.2', 'Q0E=');
  expect(kubeconfig).toContain('gke-gcloud-auth-plugin');
  expect(kubeconfig).not.toMatch(/"token"|"password"|client-key/);
});
