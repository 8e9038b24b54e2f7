import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../../components/compile/output.ts';
import type { KubeApi } from '../../local/kube.ts';
import { ExitError, exitCodes } from '../exit-codes.ts';
import { createPendingDisplay, type DisplaySink, pendingLines } from './display.ts';
import {
  type ClusterState,
  type EventState,
  type Pending,
  type PodState,
  pendingOf,
  type ServiceState,
  type WorkloadState,
} from './pending.ts';

export interface Waiting {
  readonly signal: AbortSignal;
  readonly sink: DisplaySink;
  /** @default 600_000 */
  readonly timeoutMs?: number;
}

const pollMs = 1000;
const lastLogLines = 8;

/**
 * Waits until every workload and load balancer among the objects is ready, and shows what is not.
 * @throws ExitError with code 3 after the time, naming what is missing and the end of its log. The signal's reason.
 */
export async function waitUntilReady(
  kube: KubeApi,
  objects: readonly KubeObject[],
  { signal, sink, timeoutMs = 600_000 }: Waiting,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const display = createPendingDisplay(sink);
  for (;;) {
    signal.throwIfAborted();
    const pending = pendingOf(await readState(kube, objects));
    const lines = await logLines(kube, pending, 1);
    display.show(pending, lines);
    if (pending.length === 0) return display.end();
    if (Date.now() > deadline) throw await notReady(kube, pending, timeoutMs);
    await sleep(pollMs, undefined, { signal });
  }
}

async function notReady(kube: KubeApi, pending: readonly Pending[], timeoutMs: number): Promise<ExitError> {
  const logs = await logLines(kube, pending, lastLogLines);
  const ends = [...logs].map(([what, text]) => `${what}, the end of its log:\n${text.replaceAll(/^/gm, '  ')}`);
  const head = `not ready after ${timeoutMs / 1000} s; the cluster stays as it is, and the next \`edgeplane up\` goes on`;
  return new ExitError([head, ...pendingLines(pending, new Map()), ...ends].join('\n'), exitCodes.world);
}

/** The end of the logs of what has one, by what is pending. */
async function logLines(
  kube: KubeApi,
  pending: readonly Pending[],
  count: number,
): Promise<ReadonlyMap<string, string>> {
  const found = pending.map(async ({ what, log }): Promise<readonly (readonly [string, string])[]> => {
    if (log === undefined) return [];
    const path = `/api/v1/namespaces/${log.namespace}/pods/${log.pod}/log?container=${log.container}&tailLines=${count}`;
    const now = await kube.getText(path).catch(() => '');
    const text = now === '' ? await kube.getText(`${path}&previous=true`).catch(() => '') : now;
    return text.trim() === '' ? [] : [[what, text.trimEnd()]];
  });
  return new Map((await Promise.all(found)).flat());
}

const workloadPaths = { Deployment: 'deployments', DaemonSet: 'daemonsets' } as const;
type WorkloadKind = keyof typeof workloadPaths;

interface List<T> {
  readonly items: readonly T[];
}

/** Looks at everything that tells whether these objects are ready. */
export async function readState(kube: KubeApi, objects: readonly KubeObject[]): Promise<ClusterState> {
  const workloads = objects.filter(({ kind }) => kind in workloadPaths);
  const balanced = objects.filter(
    ({ kind, spec }) => kind === 'Service' && (spec as { readonly type?: string }).type === 'LoadBalancer',
  );
  const namespaces = [...new Set(workloads.map(({ metadata }) => metadata.namespace ?? ''))].toSorted();
  const list = async <T>(namespace: string, plural: string) =>
    ((await kube.get(`/api/v1/namespaces/${namespace}/${plural}`)) as List<T>).items;
  const all = async <T>(plural: string) =>
    (await Promise.all(namespaces.map((namespace) => list<T>(namespace, plural)))).flat();
  const [states, pods, events, services] = await Promise.all([
    Promise.all(workloads.map((workload) => readWorkload(kube, workload))),
    all<PodState>('pods'),
    all<EventState>('events'),
    Promise.all(
      balanced.map(async ({ metadata }) => {
        const path = `/api/v1/namespaces/${metadata.namespace}/services/${metadata.name}`;
        return (await kube.get(path)) as ServiceState;
      }),
    ),
  ]);
  return { workloads: states, pods, events, services };
}

async function readWorkload(kube: KubeApi, { kind, metadata }: KubeObject): Promise<WorkloadState> {
  const plural = workloadPaths[kind as WorkloadKind];
  const path = `/apis/apps/v1/namespaces/${metadata.namespace}/${plural}/${metadata.name}`;
  return { ...((await kube.get(path)) as Omit<WorkloadState, 'kind'>), kind: kind as WorkloadKind };
}
