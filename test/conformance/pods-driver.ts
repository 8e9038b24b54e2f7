import type { KubeObject } from '../../components/compile/output.ts';
import type { SharedCluster } from '../e2e/cluster.ts';
import { keyedNamespace, onPods } from './pods-world.ts';
import { startEdge, type TraefikDriver } from './traefik-driver.ts';
import { routingKey, type World } from './worlds.ts';

/** The pod router on the embedded cluster, behind the load balancer. It is given worlds as they are for every edge. */
export async function startPods(cluster: SharedCluster, world: World): Promise<TraefikDriver> {
  const empty = { ...world, environment: { ...world.environment, edge: 'pods' as const }, definitions: [] };
  const driver = await startEdge(cluster, empty, { edge: 'pods', images: ['router', 'echo'] });
  const { kubectl, apply, objectsOf } = driver;
  return {
    ...driver,
    serve: async (wanted) => {
      const namespaces = namespacesOf(wanted);
      const objects = objectsOf(onPods(wanted)).filter(({ kind, metadata }) =>
        namespaces.includes(kind === 'Namespace' ? metadata.name : (metadata.namespace ?? '')),
      );
      await apply(objects.filter(({ kind }) => kind === 'Namespace'));
      const keyed = objects.some(
        ({ kind, metadata }) => kind === 'Namespace' && metadata.name === keyedNamespace(wanted),
      );
      await apply([...(keyed ? [routingSecret(keyedNamespace(wanted))] : []), ...routed(objects)]);
      for (const { metadata } of deployments(objects).filter(isRouted))
        await kubectl(
          '-n',
          `${metadata.namespace}`,
          'rollout',
          'status',
          `deployment/${metadata.name}`,
          '--timeout=180s',
        );
    },
    forget: async (wanted) => {
      for (const namespace of namespacesOf(wanted)) await kubectl.drop(namespace);
    },
  };
}

function namespacesOf(world: World): readonly string[] {
  return [world.environment.namespace, keyedNamespace(world)];
}

function routingSecret(namespace: string): object {
  const metadata = { name: 'routing', namespace };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData: { 'api-key': routingKey } };
}

function deployments(objects: readonly KubeObject[]): readonly KubeObject[] {
  return objects.filter(({ kind }) => kind === 'Deployment');
}

/** The router never sees pods without the label: their apps would only take room on the machine. */
function isRouted({ spec }: KubeObject): boolean {
  const { template } = spec as { readonly template: { readonly metadata: { readonly labels: object } } };
  return 'routable' in template.metadata.labels;
}

function routed(objects: readonly KubeObject[]): readonly KubeObject[] {
  const apps = new Set(deployments(objects).filter(isRouted).map(keyOf));
  return objects.filter((object) => object.kind !== 'Namespace' && apps.has(keyOf(object)));
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.labels?.['app.kubernetes.io/name']}`;
}
