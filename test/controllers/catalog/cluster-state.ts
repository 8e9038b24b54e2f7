import type { ClusterState, NodeView, ServiceView, Settings, SliceView } from '../../../controllers/catalog/model.ts';

/** One namespace, as the original was run. */
export const settings: Settings = {
  owner: { cluster: 'test', namespace: 'default' },
  addresses: 'internal',
  naming: 'service',
  v1: 'translate',
  defaultDomain: null,
  cordoned: 'drop',
  namespaces: ['*'],
  except: [],
};

/** All namespaces. */
export const wholeCluster: Settings = {
  ...settings,
  owner: { cluster: 'test', namespace: null },
  naming: 'serviceNamespace',
};

export const service = (name: string, given: Partial<ServiceView> = {}): ServiceView => ({
  namespace: 'default',
  name,
  uid: `uid-${given.namespace ?? 'default'}-${name}`,
  created: '2026-01-01T00:00:00Z',
  type: 'NodePort',
  local: false,
  ports: [{ name: 'http', port: 80, nodePort: 31234, protocol: 'TCP' }],
  annotations: { 'traefik.io/enable': 'true' },
  ...given,
});

export const node = (name: string, internal: string, given: Partial<NodeView> = {}): NodeView => ({
  name,
  internal,
  external: null,
  unready: null,
  cordoned: false,
  excluded: false,
  ...given,
});

export const slice = (of: string, nodes: SliceView['nodes'], namespace = 'default'): SliceView => ({
  namespace,
  service: of,
  nodes,
});

export const twoNodes = [node('n1', '10.132.0.2'), node('n2', '10.132.0.3')];

/** Every Service has a ready endpoint on the first node, unless slices are given. */
export function stateOf(
  services: readonly ServiceView[],
  nodes: readonly NodeView[] = twoNodes,
  slices: readonly SliceView[] = services.map(({ name, namespace }) =>
    slice(name, { [nodes[0]?.name ?? '']: 'ready' }, namespace),
  ),
): ClusterState {
  return {
    services: new Map(services.map((view) => [`${view.namespace}/${view.name}`, view])),
    nodes: new Map(nodes.map((view) => [view.name, view])),
    slices: new Map(slices.map((view, index) => [`${view.namespace}/${view.service}-${index}`, view])),
  };
}
