import type { KubeObject } from '../../compile/output.ts';
import { isBuiltIn } from './typed.ts';

/** What decides how a compiled object is kept as a resource. Nothing here calls Pulumi. */
export interface ResourcePlan {
  /** `namespace/name` or `name`: what Kubernetes itself tells objects of a kind apart by, so it changes only with them. */
  readonly name: string;
  /** The object with the annotations by which the provider is told what to wait for. */
  readonly object: KubeObject;
  /** Index in the list of those that must be there first. */
  readonly after: readonly number[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
}

export interface ResourceRules {
  /** Whether Services of type LoadBalancer get an address here; where none comes, nothing waits for one. */
  readonly balanced: boolean;
  /** Whether what holds data is protected from an accidental delete. */
  readonly protectData: boolean;
}

/** How each object of a group is kept, in the order it is given. */
export function resourcePlans(objects: readonly KubeObject[], rules: ResourceRules): readonly ResourcePlan[] {
  const scaled = autoscaled(objects);
  return objects.map((object, index) => ({
    name: resourceName(object),
    object: annotated(object, provisions(object, rules)),
    after: earlier(objects, index, rules),
    protect: rules.protectData && holdsData(object),
    retainOnDelete: holdsData(object) || object.kind === 'CustomResourceDefinition',
    // The autoscaler owns the number: what it set must not come back as a change, nor be set back to the default.
    ignoreChanges: scaled.has(keyOf(object)) ? ['spec.replicas'] : [],
  }));
}

/** What Kubernetes tells objects of a kind apart by. */
export function resourceName({ metadata }: Pick<KubeObject, 'metadata'>): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

const skipAwait = { 'pulumi.com/skipAwait': 'true' } as const;

/** Annotations for the provider: what it need not wait for, and what it may take over. */
function provisions(object: KubeObject, { balanced }: ResourceRules): Readonly<Record<string, string>> {
  switch (object.kind) {
    // A definition that was retained by an earlier stack belongs to that stack's field manager.
    case 'CustomResourceDefinition':
      return { 'pulumi.com/patchForce': 'true' };
    // The edges of this project publish no address in the status of an Ingress.
    case 'Ingress':
      return skipAwait;
    // A Service waits for endpoints; whether pods are ready is asked of their Deployment.
    case 'Service':
      return balanced && isLoadBalancer(object) ? {} : skipAwait;
    default:
      return {};
  }
}

function isLoadBalancer({ spec }: KubeObject): boolean {
  return (spec as { readonly type?: string } | undefined)?.type === 'LoadBalancer';
}

function holdsData({ kind }: KubeObject): boolean {
  return kind === 'PersistentVolumeClaim' || kind === 'PersistentVolume';
}

function annotated(object: KubeObject, annotations: Readonly<Record<string, string>>): KubeObject {
  if (Object.keys(annotations).length === 0) return object;
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } };
}

const keyOf = ({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>) =>
  `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;

/** Keys of the workloads that an autoscaler of the same group counts. */
function autoscaled(objects: readonly KubeObject[]): ReadonlySet<string> {
  return new Set(
    objects.flatMap(({ kind, spec, metadata }) => {
      if (kind !== 'HorizontalPodAutoscaler') return [];
      const target = (spec as { readonly scaleTargetRef: { readonly kind: string; readonly name: string } })
        .scaleTargetRef;
      return [keyOf({ kind: target.kind, metadata: { ...metadata, name: target.name } })];
    }),
  );
}

/**
 * Objects that must be there first: the namespace, the definition of a kind, for a workload what its pods need to
 * start, and for a load balancer that is waited for the workloads beside it: it is ready when their pods are, and with
 * few updates at a time it would keep them from being made.
 */
function earlier(objects: readonly KubeObject[], index: number, { balanced }: ResourceRules): readonly number[] {
  const own = objects[index];
  if (own === undefined) return [];
  const awaited = balanced && own.kind === 'Service' && isLoadBalancer(own);
  return objects.flatMap((other, at) => {
    if (at === index) return [];
    return comesFirst(other, own) || (awaited && isBeside(other, own)) ? [at] : [];
  });
}

function comesFirst(other: KubeObject, own: KubeObject): boolean {
  if (other.kind === 'CustomResourceDefinition') return !isBuiltIn(own.apiVersion, own.kind);
  if (other.kind === 'Namespace') return other.metadata.name === own.metadata.namespace;
  return hasPods(own) && needed.has(other.kind);
}

function isBeside(other: KubeObject, own: KubeObject): boolean {
  return hasPods(other) && other.metadata.namespace === own.metadata.namespace;
}

/** Whether an object is there when its pods are. */
export function hasPods({ kind }: KubeObject): boolean {
  return workloads.has(kind);
}

const workloads: ReadonlySet<string> = new Set(['Deployment', 'DaemonSet']);
const needed: ReadonlySet<string> = new Set([
  'ServiceAccount',
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'PriorityClass',
  'NetworkPolicy',
]);
