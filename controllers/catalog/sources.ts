import { z } from 'zod';
import { tagAnnotationPrefix } from '../../components/dialects/traefik-tags.ts';
import type { KubeObject, Source } from '../loop/source.ts';
import type { EndpointState, NodeView, ServiceView, Settings, SliceView } from './model.ts';
import { nameAnnotation, portAnnotation } from './names.ts';

const serviceShape = z.object({
  spec: z.object({
    type: z.string().default('ClusterIP'),
    externalTrafficPolicy: z.string().optional(),
    ports: z
      .array(
        z.object({
          name: z.string().default(''),
          port: z.number(),
          nodePort: z.number().default(0),
          protocol: z.string().default('TCP'),
        }),
      )
      .default([]),
  }),
});

const nodeShape = z.object({
  spec: z.object({
    unschedulable: z.boolean().default(false),
    taints: z.array(z.object({ key: z.string() })).default([]),
  }),
  status: z
    .object({
      addresses: z.array(z.object({ type: z.string(), address: z.string() })).default([]),
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
    })
    .default({ addresses: [], conditions: [] }),
});

const sliceShape = z.object({
  addressType: z.string(),
  // The API writes `null` for a slice without endpoints.
  endpoints: z
    .array(
      z.object({
        nodeName: z.string().nullish(),
        conditions: z.object({ ready: z.boolean().nullish(), serving: z.boolean().nullish() }).nullish(),
      }),
    )
    .nullish(),
});

/** The three collections that are listed and watched: of one namespace or of all, and the nodes. */
export function catalogSources({ owner, defaultDomain }: Pick<Settings, 'owner' | 'defaultDomain'>) {
  const { namespace } = owner;
  return {
    services: {
      apiVersion: 'v1',
      plural: 'services',
      namespace,
      project: (object: KubeObject) => readService(object, defaultDomain !== null),
    },
    nodes: { apiVersion: 'v1', plural: 'nodes', namespace: null, project: readNode },
    slices: { apiVersion: 'discovery.k8s.io/v1', plural: 'endpointslices', namespace, project: readSlice },
  } as const satisfies Readonly<Record<string, Source<unknown>>>;
}

const isOurs = (annotation: string) =>
  annotation.startsWith(tagAnnotationPrefix) || annotation === nameAnnotation || annotation === portAnnotation;

/**
 * What the catalog needs of a Service; null for one that asks for nothing, or is being deleted.
 * @param unannotated whether NodePort Services without annotations are published too.
 */
export function readService(object: KubeObject, unannotated: boolean): ServiceView | null {
  const { metadata } = object;
  const annotations = Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([name]) => isOurs(name)));
  const { spec } = serviceShape.parse(object);
  const asks = Object.keys(annotations).some((name) => name.startsWith(tagAnnotationPrefix));
  if (metadata.deletionTimestamp !== undefined || !(asks || (unannotated && spec.type === 'NodePort'))) return null;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    created: metadata.creationTimestamp ?? '',
    type: spec.type,
    local: spec.externalTrafficPolicy === 'Local',
    ports: spec.ports,
    annotations,
  };
}

/** Set on a node that the autoscaler is about to remove; the cloud's own load balancers leave it out as well. */
const removalTaint = 'ToBeDeletedByClusterAutoscaler';
const excludedLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';

/** What the catalog needs of a Node. Heartbeats change nothing in it. */
export function readNode(object: KubeObject): NodeView {
  const { metadata } = object;
  const { spec, status } = nodeShape.parse({ spec: {}, ...object });
  // The first of each kind: what kubelet lists first is its primary one.
  const address = (type: string) => status.addresses.find((entry) => entry.type === type)?.address ?? null;
  return {
    name: metadata.name,
    internal: address('InternalIP'),
    external: address('ExternalIP'),
    unready: unreadyReason(metadata, spec.taints, status.conditions),
    cordoned: spec.unschedulable,
    excluded: metadata.labels?.[excludedLabel] !== undefined,
  };
}

function unreadyReason(
  metadata: KubeObject['metadata'],
  taints: readonly { readonly key: string }[],
  conditions: readonly { readonly type: string; readonly status: string }[],
): string | null {
  if (metadata.deletionTimestamp !== undefined) return 'it is being deleted';
  if (taints.some(({ key }) => key === removalTaint)) return 'the autoscaler is about to remove it';
  const ready = conditions.find(({ type }) => type === 'Ready')?.status ?? 'Unknown';
  return ready === 'True' ? null : `its condition Ready is ${ready}`;
}

const serviceNameLabel = 'kubernetes.io/service-name';
const rank: readonly EndpointState[] = ['down', 'serving', 'ready'];

/** What the catalog needs of an EndpointSlice; null for one that belongs to no Service or names no addresses. */
export function readSlice(object: KubeObject): SliceView | null {
  const { metadata } = object;
  const service = metadata.labels?.[serviceNameLabel];
  const { addressType, endpoints } = sliceShape.parse(object);
  if (service === undefined || addressType === 'FQDN' || metadata.deletionTimestamp !== undefined) return null;
  const nodes: Record<string, EndpointState> = {};
  for (const { nodeName, conditions } of endpoints ?? []) {
    const name = nodeName ?? '';
    // A condition that is not told means yes: discovery.k8s.io/v1, EndpointConditions.
    const state = (conditions?.ready ?? true) ? 'ready' : (conditions?.serving ?? false) ? 'serving' : 'down';
    nodes[name] = better(nodes[name], state);
  }
  return { namespace: metadata.namespace ?? '', service, nodes };
}

/** The better of two states. */
export function better(a: EndpointState | undefined, b: EndpointState): EndpointState {
  return a === undefined || rank.indexOf(b) > rank.indexOf(a) ? b : a;
}
