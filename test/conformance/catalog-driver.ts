import type { KubeObject } from '../../components/compile/output.ts';
import { readTagAnnotations } from '../../components/dialects/traefik-tags.ts';
import type { SharedCluster } from '../e2e/cluster.ts';
import { type ConsulInCluster, startConsulInCluster, withConsul } from '../e2e/consul-in-cluster.ts';
import { eventually, type Kubectl, kubectlOf } from '../e2e/kubectl.ts';
import type { ForwardedPort } from '../e2e/port-forward.ts';
import { onCatalog } from './catalog-world.ts';
import { bringImages, startEdge, type TraefikDriver } from './traefik-driver.ts';
import { forwardEdges } from './traefik-pods.ts';
import type { World } from './worlds.ts';

/** The internal edge: Consul, the publisher, and Traefik behind the internal load balancer. */
export interface CatalogDriver extends TraefikDriver {
  readonly consul: ConsulInCluster;
  /** The world as this edge serves it. */
  readonly own: (world: World) => World;
  /** Takes the edge and Consul away. */
  readonly end: () => Promise<void>;
}

const name = 'edgeplane-internal';
const publisher = 'deployment/edgeplane-catalog';

/** Starts all of it once, for every world. They may differ in their routes, and in nothing that the platform is made of. */
export async function startCatalog(shared: SharedCluster, world: World): Promise<CatalogDriver> {
  const cluster = await withConsul(shared);
  const kubectl = kubectlOf(cluster);
  const [image] = await bringImages(cluster, ['consul']);
  const consul = await startConsulInCluster(cluster, image?.reference ?? '', world.environment.name);
  await kubectl.freshNamespace(name);
  const metadata = { name: 'consul-tokens', namespace: name };
  await kubectl.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: consul.tokens });
  const own = (wanted: World) => onCatalog(wanted, consul.address);
  const images = ['catalog', 'traefik', 'gatekeeper', 'echo'] as const;
  const driver = await startEdge(cluster, own({ ...world, definitions: [] }), { edge: 'catalog', images, name });
  await kubectl('-n', name, 'rollout', 'status', publisher, '--timeout=180s');
  const forwards = await forwardEdges(cluster, name);
  return {
    ...driver,
    consul,
    own,
    serve: async (wanted) => {
      await driver.serve(wanted);
      await untilRouted(forwards, driver.objectsOf(wanted));
    },
    forget: ({ environment }) => dropNow(kubectl, environment.namespace),
    end: async () => {
      for (const { close } of forwards) close();
      await dropNow(kubectl, name);
      await consul.drop();
    },
  };
}

/** Pods are not waited for: nobody asks them any more, and their apps take half a minute to stop. */
async function dropNow(kubectl: Kubectl, namespace: string): Promise<void> {
  await kubectl('delete', 'namespace', namespace, '--ignore-not-found', '--wait=false');
  await kubectl('-n', namespace, 'delete', 'pods', '--all', '--grace-period=0', '--force', '--wait=false');
  await kubectl.drop(namespace);
}

/** Waits until every pod of the edge has every rule of these objects, those from Consul and the guards beside them. */
async function untilRouted(edges: readonly ForwardedPort[], objects: readonly KubeObject[]): Promise<void> {
  const wanted = [...objects.flatMap(publishedRules), ...objects.flatMap(guardRules)];
  for (const { origin } of edges)
    await eventually(
      async () => {
        const served = new Set(await servedRules(origin));
        return wanted.filter((rule) => !served.has(rule));
      },
      (missing) => missing.length === 0,
      120_000,
    );
}

/** A rule as it is told by everybody: with where it comes from and its priority. */
const told = (provider: string, priority: string | number, rule: string) => `${provider} ${priority} ${rule}`;

/** In Consul the rules of a Service are tags, which its annotations say. */
function publishedRules({ metadata: { annotations } }: KubeObject): readonly string[] {
  const { tags } = readTagAnnotations(annotations ?? {});
  const values = new Map(tags.map(({ key, value }) => [key, value]));
  return tags
    .filter(({ key }) => /^http\.routers\.[^.]+\.rule$/.test(key))
    .map(({ key, value }) => told('consulcatalog', values.get(key.replace(/rule$/, 'priority')) ?? '', value));
}

interface GuardRoute {
  readonly match: string;
  readonly priority: number;
}

function guardRules({ kind, spec }: KubeObject): readonly string[] {
  if (kind !== 'IngressRoute') return [];
  const { routes } = spec as { readonly routes: readonly GuardRoute[] };
  return routes.map(({ match, priority }) => told('kubernetescrd', priority, match));
}

interface Router {
  readonly provider: string;
  readonly priority: number;
  readonly rule: string;
  readonly status: string;
}

/** More routers than any world has. */
const perPage = 5000;

async function servedRules(origin: string): Promise<readonly string[]> {
  const response = await fetch(`${origin}/api/http/routers?per_page=${perPage}`);
  const routers = (await response.json()) as readonly Router[];
  return routers
    .filter(({ status }) => status === 'enabled')
    .map(({ provider, priority, rule }) => told(provider, priority, rule));
}
