import type { KubeObject } from '../../loop/source.ts';
import type { PodsConfiguration } from '../configuration.ts';

/** As much of a pod as routing needs. What is equal here is the same to the router, whatever else of the pod changed. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly phase: string;
  /** Empty until the pod has one. */
  readonly ip: string;
  readonly ready: boolean;
  readonly terminating: boolean;
  readonly hostNetwork: boolean;
  /** Every `containerPort` of its containers and of its sidecars, sorted. */
  readonly ports: readonly number[];
  /** The annotations as they stand; null where the pod has none of the name. */
  readonly hosts: string | null;
  readonly paths: string | null;
  readonly apiKey: string | null;
}

interface PodObject {
  readonly spec?: {
    readonly hostNetwork?: boolean;
    readonly containers?: readonly ContainerObject[];
    readonly initContainers?: readonly (ContainerObject & { readonly restartPolicy?: string })[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
  };
}

interface ContainerObject {
  readonly ports?: readonly { readonly containerPort?: number }[];
}

/** The facts of a pod as the API server shows it. */
export function readPod(object: KubeObject, configuration: PodsConfiguration): PodFacts {
  const { namespace = '', name, uid = '', annotations = {}, deletionTimestamp } = object.metadata;
  const { spec = {}, status = {} } = object as KubeObject & PodObject;
  const annotation = (key: string) => (Object.hasOwn(annotations, key) ? (annotations[key] ?? '') : null);
  return {
    namespace,
    name,
    uid,
    phase: status.phase ?? '',
    ip: status.podIP ?? '',
    ready: (status.conditions ?? []).some(({ type, status: word }) => type === 'Ready' && word === 'True'),
    terminating: deletionTimestamp !== undefined,
    hostNetwork: spec.hostNetwork === true,
    ports: declaredPorts(spec),
    hosts: annotation(configuration.hostsAnnotation),
    paths: annotation(configuration.pathsAnnotation),
    apiKey: annotation(configuration.apiKeyAnnotation),
  };
}

/** An init container that restarts always is a sidecar and serves as long as the others; other init containers end first. */
function declaredPorts({ containers = [], initContainers = [] }: NonNullable<PodObject['spec']>): readonly number[] {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const ports = [...containers, ...sidecars]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ containerPort }) => (containerPort === undefined ? [] : [containerPort]));
  return [...new Set(ports)].toSorted((a, b) => a - b);
}
