import { ownerOf } from '../test/e2e/controllers/router-running.ts';
import type { ApiServer } from '../test/kube-apiserver.ts';

/** Pods are spread over namespaces, for one may have 4,096 routes. */
const namespaces = ['bench-0', 'bench-1', 'bench-2', 'bench-3', 'bench-4'] as const;
/** Calls of the API server under way at one time. */
const callers = 8;

export function namespaceOf(pod: number): string {
  return namespaces[pod % namespaces.length] ?? namespaces[0];
}

/** Of a pod; its host is this name below `bench.test`. */
export function nameOf(pod: number): string {
  return `pod-${pod}`;
}

/** Where a pod is, and whether requests may be sent there. */
interface PodAt {
  readonly port: number;
  readonly ready: boolean;
  /** @default 127.0.0.1 */
  readonly address?: string;
}

/** Makes pods from the first on, each with a host of its own. */
export async function makePods(api: ApiServer, count: number, at: (index: number) => PodAt): Promise<void> {
  for (const namespace of namespaces) await ownerOf(api).namespace(namespace);
  let next = 0;
  const caller = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await makePod(api, index, at(index));
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

async function makePod(
  { api }: ApiServer,
  index: number,
  { port, ready, address = '127.0.0.1' }: PodAt,
): Promise<void> {
  const name = nameOf(index);
  const pods = `/api/v1/namespaces/${namespaceOf(index)}/pods`;
  const annotations = { routingHosts: `${name}.bench.test`, routingPaths: `${port}:/` };
  const containers = [{ name: 'app', image: 'registry.test/app:1', ports: [{ containerPort: port }] }];
  const pod = {
    metadata: { name, labels: { routable: 'true' }, annotations },
    spec: { automountServiceAccountToken: false, containers },
  };
  await api.send({ method: 'POST', path: pods, body: JSON.stringify(pod), contentType: 'application/json' });
  const condition = { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:00Z' };
  const status = { phase: 'Running', podIP: address, podIPs: [{ ip: address }], conditions: [condition] };
  const contentType = 'application/merge-patch+json';
  await api.send({ method: 'PATCH', path: `${pods}/${name}/status`, body: JSON.stringify({ status }), contentType });
}
