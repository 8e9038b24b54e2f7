import { compareText } from '../../components/dialects/traefik-tags.ts';
import {
  type CatalogNode,
  type CheckState,
  type ClusterState,
  type Desired,
  fullName,
  instanceKey,
  type NodeView,
  type Notice,
  type Owner,
  type Registration,
  type Settings,
} from './model.ts';
import { catalogNodeId, catalogNodeName, instanceId, meta, scopeOf } from './names.ts';
import { type Publication, readPublication, referenceOf, type ServiceReader } from './publication.ts';
import { type Endpoints, endpointsByService, instanceCheck, nodeChecks } from './readiness.ts';

/**
 * What Consul is to say of a cluster: each published Service on each node that has an address. Pure, and the same state
 * gives the same result in the same order.
 *
 * @param read how a Service is read, by these settings
 */
export function desired(
  state: ClusterState,
  settings: Settings,
  read: ServiceReader = (view) => readPublication(view, settings),
): Desired {
  const { publications, refused, warnings } = readServices(state, settings, read);
  const nodes = catalogNodes(state, settings);
  const endpoints = endpointsByService(state.slices);
  const registrations = new Map<string, Registration>();
  const clashes: Notice[] = [];
  for (const publication of publications) {
    const own = instancesOf(publication, nodes, endpoints.get(fullName(publication.view)), settings.owner);
    const clash = own.find((registration) => registrations.has(instanceKey(registration)));
    if (clash !== undefined) clashes.push(idTaken(publication, registrations.get(instanceKey(clash)), clash));
    else for (const registration of own) registrations.set(instanceKey(registration), registration);
  }
  const used = new Set([...registrations.values()].map(({ node }) => node));
  return {
    nodes: new Map([...nodes.values()].filter(({ name }) => used.has(name)).map((node) => [node.name, node])),
    registrations,
    refused: [...refused, ...clashes],
    warnings,
  };
}

/** Whether a namespace is published: `except` counts for more, and a list without a name lets none in. */
export function servesNamespace(
  namespace: string,
  { namespaces, except }: Pick<Settings, 'namespaces' | 'except'>,
): boolean {
  const lists = (names: readonly string[]) => names.includes(namespace) || names.includes('*');
  return lists(namespaces) && !lists(except);
}

interface Read {
  readonly publications: readonly Publication[];
  readonly refused: readonly Notice[];
  readonly warnings: readonly Notice[];
}

/** The oldest first: who comes first keeps what others claim later. */
function readServices({ services }: ClusterState, settings: Settings, read: ServiceReader): Read {
  const served = [...services.values()].filter(({ namespace }) => servesNamespace(namespace, settings));
  const byAge = served.toSorted((a, b) => compareText(a.created, b.created) || compareText(fullName(a), fullName(b)));
  const holders = new Map<string, Publication>();
  const publications: Publication[] = [];
  const refused: Notice[] = [];
  const warnings: Notice[] = [];
  for (const view of byAge) {
    const reading = read(view);
    refused.push(...reading.refused);
    warnings.push(...reading.warnings);
    const { publication } = reading;
    if (publication === null) continue;
    const taken = publication.claims.flatMap((claim) => {
      const holder = holders.get(claim);
      return holder === undefined || mayShare(holder, publication) ? [] : [{ claim, holder }];
    });
    if (taken.length > 0) {
      refused.push(nameTaken(publication, taken));
      continue;
    }
    for (const claim of publication.claims) if (!holders.has(claim)) holders.set(claim, publication);
    publications.push(publication);
  }
  return { publications, refused, warnings };
}

/** Two Services are one to Consul when their author gave them one name, and the same tags. */
function mayShare(a: Publication, b: Publication): boolean {
  return (
    a.view.namespace === b.view.namespace && a.consulName === b.consulName && a.tags.join('\n') === b.tags.join('\n')
  );
}

function nameTaken(
  { view }: Publication,
  taken: readonly { readonly claim: string; readonly holder: Publication }[],
): Notice {
  const claims = taken.map(({ claim, holder }) => `${claim} of Service ${fullName(holder.view)}`);
  const note =
    `Service ${fullName(view)}: found ${claims.join(', ')}, which is older, expected names that nobody else has. ` +
    'Rename the routers and middlewares in the tags, or the Service by the annotation edgeplane.dev/catalog-name.';
  return { service: referenceOf(view), reason: 'NameTaken', note };
}

function idTaken({ view }: Publication, holder: Registration | undefined, { id }: Registration): Notice {
  const by = holder === undefined ? 'another Service' : `Service ${fullName(holder.source)}`;
  const note = `Service ${fullName(view)}: found the id ${id} of ${by}, expected one of its own. Give it another nodePort.`;
  return { service: referenceOf(view), reason: 'NameTaken', note };
}

/** By the name in Kubernetes, in its order. Nodes without an address of the kind asked for are left out. */
function catalogNodes({ nodes }: ClusterState, settings: Settings): ReadonlyMap<string, CatalogNode> {
  const checks = nodeChecks(nodes, settings.cordoned);
  const found = new Map<string, CatalogNode>();
  for (const node of [...nodes.values()].toSorted((a, b) => compareText(a.name, b.name))) {
    const address = addressOf(node, settings.addresses);
    const check = checks.get(node.name);
    if (address !== null && check !== undefined)
      found.set(node.name, catalogNode(node.name, address, check, settings.owner));
  }
  return found;
}

/** The address that instances on a node have; null where it has none of the kind. */
export function addressOf(node: Pick<NodeView, 'internal' | 'external'>, rule: Settings['addresses']): string | null {
  switch (rule) {
    case 'internal':
      return node.internal;
    case 'external':
      return node.external;
    case 'externalFirst':
      return node.external ?? node.internal;
    default:
      return rule satisfies never;
  }
}

function catalogNode(node: string, address: string, check: CheckState, owner: Owner): CatalogNode {
  const name = catalogNodeName(owner, node);
  return {
    name,
    id: catalogNodeId(name),
    address,
    meta: {
      [meta.source]: 'kubernetes',
      [meta.cluster]: owner.cluster,
      [meta.scope]: scopeOf(owner),
      [meta.node]: node,
    },
    check,
  };
}

function instancesOf(
  { view, consulName, port, tags }: Publication,
  nodes: ReadonlyMap<string, CatalogNode>,
  endpoints: Endpoints | undefined,
  { cluster }: Owner,
): readonly Registration[] {
  const shared = {
    service: consulName,
    port: port.nodePort,
    tags,
    meta: {
      [meta.source]: 'kubernetes',
      [meta.cluster]: cluster,
      [meta.namespace]: view.namespace,
      [meta.service]: view.name,
    },
    source: referenceOf(view),
  };
  return [...nodes].flatMap(([nodeName, node]) => {
    const check = instanceCheck(view, nodeName, endpoints);
    if (check === null) return [];
    const id = instanceId(view.name, node.address, port.nodePort);
    return [{ id, node: node.name, address: node.address, check, ...shared }];
  });
}
