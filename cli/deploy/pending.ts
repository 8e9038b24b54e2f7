/** The part of a workload, pod, event and Service that tells what is not ready yet. As the API server gives them. */
export interface WorkloadState {
  readonly kind: 'Deployment' | 'DaemonSet';
  readonly metadata: { readonly name: string; readonly namespace: string; readonly generation?: number };
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> };
  };
  readonly status?: Readonly<Record<string, unknown>>;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly exitCode: number; readonly reason?: string };
}

export interface PodState {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly ready: boolean;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

export interface EventState {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly involvedObject: { readonly kind?: string; readonly name?: string; readonly namespace?: string };
}

export interface ServiceState {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

/** Everything that is looked at in one round. */
export interface ClusterState {
  /** The workloads that were applied; one that is not there yet is not among them. */
  readonly workloads: readonly WorkloadState[];
  readonly pods: readonly PodState[];
  readonly events: readonly EventState[];
  /** The Services of type LoadBalancer that were applied. */
  readonly services: readonly ServiceState[];
}

export type Why =
  | 'address'
  | 'configuration'
  | 'crash'
  | 'image'
  | 'no node'
  | 'probe'
  | 'refused'
  | 'starting'
  | 'unschedulable';

/** One thing that is not ready, and why. */
export interface Pending {
  /** `apps/pybackend` */
  readonly what: string;
  readonly why: Why;
  /** The cluster's own words, on one line. */
  readonly detail: string;
  /** The container whose log says more. */
  readonly log?: { readonly namespace: string; readonly pod: string; readonly container: string };
}

type Cause = Omit<Pending, 'what'>;

/** What is not ready, one entry a workload or Service, in their order. Empty: all is ready. */
export function pendingOf(state: ClusterState): readonly Pending[] {
  const workloads = state.workloads
    .filter((workload) => !isReady(workload))
    .map((workload): Pending => {
      const { namespace, name } = workload.metadata;
      return { what: `${namespace}/${name}`, ...causeOf(workload, state) };
    });
  const services = state.services
    .filter(({ status }) => status?.loadBalancer?.ingress?.[0]?.ip === undefined)
    .map(({ metadata }): Pending => {
      const what = `${metadata.namespace}/${metadata.name}`;
      return { what, why: 'address', detail: 'the load balancer has not given it an address' };
    });
  return [...workloads, ...services];
}

/** Whether the newest version is all there is of a workload, and every pod of it is available. */
export function isReady({ kind, metadata, spec, status = {} }: WorkloadState): boolean {
  const count = (field: string) => Number(status[field] ?? 0);
  if (count('observedGeneration') < (metadata.generation ?? 0)) return false;
  if (kind === 'DaemonSet') {
    const wanted = count('desiredNumberScheduled');
    return wanted > 0 && count('updatedNumberScheduled') >= wanted && count('numberAvailable') >= wanted;
  }
  const wanted = spec.replicas ?? 1;
  return count('updatedReplicas') >= wanted && count('availableReplicas') >= wanted && count('replicas') <= wanted;
}

function causeOf(workload: WorkloadState, state: ClusterState): Cause {
  const { namespace } = workload.metadata;
  const labels = Object.entries(workload.spec.selector.matchLabels ?? {});
  const own = state.pods.filter(
    ({ metadata }) =>
      metadata.namespace === namespace && labels.every(([label, value]) => metadata.labels?.[label] === value),
  );
  const living = own.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const causes = living.flatMap((pod) => podCause(pod, state.events) ?? []);
  return gravest(causes) ?? withoutPods(workload, living.length, state.events);
}

/** The worst first: what waits for an author to do something comes before what may only need time. */
const gravity: readonly Why[] = ['crash', 'image', 'configuration', 'no node', 'unschedulable', 'probe', 'starting'];

function gravest(causes: readonly Cause[]): Cause | undefined {
  return causes.toSorted((a, b) => gravity.indexOf(a.why) - gravity.indexOf(b.why))[0];
}

function withoutPods(
  { kind, metadata, status = {} }: WorkloadState,
  pods: number,
  events: readonly EventState[],
): Cause {
  const { namespace, name } = metadata;
  const owns = (other = '') => other === name || new RegExp(`^${name}-[a-z0-9]+$`).test(other);
  const failed = events.find(
    ({ reason, involvedObject }) =>
      reason === 'FailedCreate' && involvedObject.namespace === namespace && owns(involvedObject.name),
  );
  if (pods === 0 && failed !== undefined) return { why: 'refused', detail: oneLine(failed.message) };
  if (
    kind === 'DaemonSet' &&
    status.observedGeneration !== undefined &&
    Number(status.desiredNumberScheduled ?? 0) === 0
  )
    return { why: 'no node', detail: 'no node carries the label that it asks for' };
  return { why: 'starting', detail: pods === 0 ? 'its first pod is not there yet' : 'older pods are being replaced' };
}

/** Why a pod is not ready; nothing when it is. */
function podCause(pod: PodState, events: readonly EventState[]): Cause | undefined {
  const condition = (type: string) => pod.status?.conditions?.find((found) => found.type === type);
  if (condition('Ready')?.status === 'True') return undefined;
  const scheduled = condition('PodScheduled');
  if (scheduled?.status === 'False') return schedulingCause(oneLine(scheduled.message));
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const causes = containers.flatMap((container) => containerCause(pod, container, events) ?? []);
  return gravest(causes) ?? { why: 'starting', detail: warning(pod, events) ?? 'its containers are being made' };
}

function schedulingCause(message: string): Cause {
  const lacks = /Insufficient|Too many pods/.test(message);
  return { why: lacks ? 'unschedulable' : 'no node', detail: message };
}

const imageReasons = /^(ErrImage|ImagePull|ImageInspect|InvalidImageName|RegistryUnavailable)/;
const configurationReasons = /^(CreateContainer|RunContainer)/;

function containerCause(pod: PodState, container: ContainerStatus, events: readonly EventState[]): Cause | undefined {
  const { name, image, ready, state = {}, lastState = {} } = container;
  const { waiting } = state;
  const ended = state.terminated ?? lastState.terminated;
  if (waiting?.reason !== undefined && imageReasons.test(waiting.reason))
    return { why: 'image', detail: `${image}: ${waiting.reason}` };
  if (waiting?.reason !== undefined && configurationReasons.test(waiting.reason))
    return { why: 'configuration', detail: oneLine(waiting.message ?? waiting.reason) };
  if (!ready && ended !== undefined && (ended.exitCode !== 0 || waiting?.reason === 'CrashLoopBackOff')) {
    const log = { namespace: pod.metadata.namespace, pod: pod.metadata.name, container: name };
    const reason = ended.reason === undefined || ended.reason === 'Error' ? '' : ` (${ended.reason})`;
    return { why: 'crash', detail: `${name} ended with ${ended.exitCode}${reason}`, log };
  }
  if (ready || waiting !== undefined || ended !== undefined) return undefined;
  const unhealthy = lastEvent(pod, events, ({ reason }) => reason === 'Unhealthy');
  const log = { namespace: pod.metadata.namespace, pod: pod.metadata.name, container: name };
  return { why: 'probe', detail: oneLine(unhealthy?.message) || `${name} has not passed its probe yet`, log };
}

function warning(pod: PodState, events: readonly EventState[]): string | undefined {
  const found = lastEvent(pod, events, ({ type }) => type === 'Warning');
  return found === undefined ? undefined : `${found.reason}: ${oneLine(found.message)}`;
}

function lastEvent(pod: PodState, events: readonly EventState[], wanted: (event: EventState) => boolean) {
  const { name, namespace } = pod.metadata;
  return events
    .filter((event) => event.involvedObject.name === name && event.involvedObject.namespace === namespace)
    .filter(wanted)
    .toSorted((a, b) => ((a.lastTimestamp ?? '') < (b.lastTimestamp ?? '') ? -1 : 1))
    .at(-1);
}

function oneLine(text: string | undefined): string {
  const line = (text ?? '').replaceAll(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
