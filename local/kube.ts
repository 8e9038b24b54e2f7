import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import type { ClusterPaths } from './cluster.ts';
import type { Topology } from './topology.ts';

/** The part of a Kubernetes object that this folder reads. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** An answer of the API server that is not the one hoped for. */
export class ApiFailed extends Error {
  constructor(
    readonly status: number,
    what: string,
    body: string,
  ) {
    super(`${what}: ${status} ${body.slice(0, 600)}`);
    this.name = 'ApiFailed';
  }
}

/** The API server, as the owner of the cluster. */
export interface KubeApi {
  /** The parsed body of `GET path`. Rejects with {@link ApiFailed} on anything but 2xx. */
  get(path: string): Promise<unknown>;
  /** As {@link KubeApi.get}, for what is no JSON. */
  getText(path: string): Promise<string>;
  /** Server-side apply under the field manager `edgeplane`. `path` is the object's own, plural included. */
  apply(path: string, object: object): Promise<void>;
  /** Any other call; gives the body. Rejects with {@link ApiFailed} on anything but 2xx. */
  send(call: ApiCall): Promise<string>;
  /** Whether the API server, its storage and its built-in roles are ready. */
  isReady(): Promise<boolean>;
  close(): void;
}

/** One call of the API server. */
export interface ApiCall {
  readonly method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  /** Query included. */
  readonly path: string;
  readonly body?: string;
  /** Of the body. @default application/apply-patch+yaml */
  readonly contentType?: string;
}

const answerWithinMs = 10_000;

/** A client of the cluster's API server. The keys must be there; the server need not be. Close it when done. */
export function connect(topology: Topology, paths: ClusterPaths): KubeApi {
  const pem = (name: string) => readFileSync(join(paths.pki, name));
  const agent = new Agent({ keepAlive: true, ca: pem('ca.crt'), cert: pem('admin.crt'), key: pem('admin.key') });
  const send = (call: ApiCall) =>
    new Promise<string>((resolve, reject) => {
      const { address: host, apiPort: port } = topology.controlPlane;
      const { body, contentType = 'application/apply-patch+yaml' } = call;
      const headers = body === undefined ? {} : { 'content-type': contentType };
      const message = request({ agent, host, port, method: call.method, path: call.path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const answer = Buffer.concat(chunks).toString();
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(answer);
          else reject(new ApiFailed(status, `${call.method} ${call.path}`, answer));
        });
      });
      message.setTimeout(answerWithinMs, () => message.destroy(new Error(`${call.path}: no answer`)));
      message.on('error', reject);
      message.end(body);
    });
  return {
    get: async (path) => JSON.parse(await send({ method: 'GET', path })),
    getText: (path) => send({ method: 'GET', path }),
    apply: async (path, object) => {
      const target = `${path}?fieldManager=edgeplane&force=true`;
      await send({ method: 'PATCH', path: target, body: JSON.stringify(object) });
    },
    send,
    isReady: () =>
      send({ method: 'GET', path: '/readyz' }).then(
        (body) => body === 'ok',
        () => false,
      ),
    close: () => agent.destroy(),
  };
}
