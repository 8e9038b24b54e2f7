import type { CheckState, ClusterState, EndpointState, NodeView, ServiceView, Settings } from './model.ts';
import { better } from './sources.ts';

/** The best state of a Service's endpoints on each node, by the node's name; the empty name for no node. */
export type Endpoints = ReadonlyMap<string, EndpointState>;

/** The endpoints of every Service, by `namespace/name`. */
export function endpointsByService(slices: ClusterState['slices']): ReadonlyMap<string, Endpoints> {
  const found = new Map<string, Map<string, EndpointState>>();
  for (const { namespace, service, nodes } of slices.values()) {
    const key = `${namespace}/${service}`;
    const known = found.get(key) ?? new Map<string, EndpointState>();
    for (const [node, state] of Object.entries(nodes)) known.set(node, better(known.get(node), state));
    found.set(key, known);
  }
  return found;
}

/**
 * How an instance of a Service on a node stands; null where there is to be none: with externalTrafficPolicy Local, on a
 * node without any endpoint. As kube-proxy does, endpoints that only finish count while no other is ready.
 */
export function instanceCheck(
  service: Pick<ServiceView, 'local'>,
  node: string,
  endpoints: Endpoints | undefined,
): CheckState | null {
  const states = [...(endpoints?.values() ?? [])];
  const wanted: EndpointState = states.includes('ready') ? 'ready' : 'serving';
  if (!service.local) {
    return states.includes(wanted)
      ? { status: 'passing', output: 'The Service has ready endpoints.' }
      : { status: 'critical', output: 'The Service has no ready endpoint.' };
  }
  const here = endpoints?.get(node);
  if (here === undefined) return null;
  return here === wanted
    ? { status: 'passing', output: 'The Service has ready endpoints on this node.' }
    : { status: 'critical', output: 'The Service has no ready endpoint on this node.' };
}

/** How each node stands, by its name. Nodes that are no target of load balancers are left out. */
export function nodeChecks(
  nodes: ClusterState['nodes'],
  cordoned: Settings['cordoned'],
): ReadonlyMap<string, CheckState> {
  const usable = [...nodes.values()].filter(({ excluded }) => !excluded);
  // Somebody who cordons every node does not want everything to be refused.
  const dropsCordoned = cordoned === 'drop' && usable.some((node) => node.unready === null && !node.cordoned);
  return new Map(usable.map((node) => [node.name, nodeCheck(node, dropsCordoned)]));
}

function nodeCheck(node: NodeView, dropsCordoned: boolean): CheckState {
  if (node.unready !== null) return { status: 'critical', output: `The node is not used: ${node.unready}.` };
  if (node.cordoned && dropsCordoned) return { status: 'critical', output: 'The node is not used: it is cordoned.' };
  return { status: 'passing', output: 'The node is ready.' };
}
