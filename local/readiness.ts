import { inside } from './cluster.ts';
import { attempt } from './command.ts';
import type { KubeApi } from './kube.ts';
import type { Place } from './topology.ts';

/** A component on this machine that takes longer than this to answer is not ready. */
export const answerWithinMs = 2000;

interface Conditions {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      /** When the kubelet last reported it, whole seconds. */
      readonly lastHeartbeatTime: string;
    }[];
  };
}

/**
 * Whether a node takes pods: its kubelet answers through the API server, and has said `Ready` itself. After a crash the
 * node still says what was true before, and a new kubelet may first report that it is not.
 * @param sinceMs when the kubelet was started, in milliseconds since 1970; what is older another one has said. undefined: it does
 *   not run, and so the node is not ready.
 */
export async function nodeIsReady(api: KubeApi, node: string, sinceMs: number | undefined): Promise<boolean> {
  if (sinceMs === undefined) return false;
  const { status } = (await api.get(`/api/v1/nodes/${node}`)) as Conditions;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True' || Date.parse(ready.lastHeartbeatTime) < Math.floor(sinceMs / 1000) * 1000) return false;
  return answers(api, `${node}/proxy/healthz`);
}

/** As {@link nodeIsReady}; an API server that does not answer means no. */
export function isReady(api: KubeApi, node: string, sinceMs: number | undefined): Promise<boolean> {
  return nodeIsReady(api, node, sinceMs).catch(() => false);
}

/** Whether a node's kube-proxy has written its rules. */
export async function proxyIsReady(api: KubeApi, node: string): Promise<boolean> {
  return answers(api, `http:${node}:10256/proxy/healthz`);
}

async function answers(api: KubeApi, path: string): Promise<boolean> {
  return api.getText(`/api/v1/nodes/${path}`).then(
    () => true,
    () => false,
  );
}

interface Replicated {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
  };
}

/** Whether every replica of the newest version of a Deployment is ready. */
export async function deploymentIsReady(api: KubeApi, namespace: string, name: string): Promise<boolean> {
  const found = (await api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`)) as Replicated;
  const { status } = found;
  return (
    status?.observedGeneration === found.metadata.generation &&
    status.updatedReplicas === found.spec.replicas &&
    status.readyReplicas === found.spec.replicas
  );
}

/**
 * Whether a program that listens on the loopback of a namespace says it is healthy. Its certificate is its own, made
 * at its start, so it is not checked; who could answer in its place could as well replace it.
 */
export async function localIsHealthy(place: Place, port: number): Promise<boolean> {
  const [program = '', ...enter] = inside(place);
  const client = ['openssl', 's_client', '-quiet', '-verify_quiet', '-connect', `127.0.0.1:${port}`];
  const signal = AbortSignal.timeout(answerWithinMs); // Who listens there instead may never say a word.
  const { stdout } = await attempt(program, [...enter, ...client], { input: 'GET /healthz HTTP/1.0\r\n\r\n', signal });
  return /^HTTP\/1\.\d 200 /.test(stdout);
}
