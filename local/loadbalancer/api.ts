import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import type { Node, Service } from 'kubernetes-types/core/v1';
import type { BalancedService, IngressAddress } from './model.ts';

/** The API server and the files of a client certificate for it. */
export interface ApiSettings {
  readonly host: string;
  readonly port: number;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** The four things the load balancer asks of the API server; its role allows no more. */
export interface BalancerApi {
  services(): Promise<readonly Service[]>;
  nodes(): Promise<readonly Node[]>;
  /** Writes `status.loadBalancer.ingress`; refused when the Service has changed since it was read. */
  setIngress(service: BalancedService, ingress: readonly IngressAddress[]): Promise<void>;
  /** Records a warning on the Service. */
  warn(service: BalancedService, message: string, at: Date): Promise<void>;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly body?: object;
}

const answerWithinMs = 5_000;
const component = 'edgeplane-load-balancer';

/** A client with the certificate in the files, which are read once. */
export function connectApi(settings: ApiSettings): BalancerApi {
  const agent = new Agent({
    keepAlive: true,
    ca: readFileSync(settings.caFile),
    cert: readFileSync(settings.certFile),
    key: readFileSync(settings.keyFile),
  });
  const call = (wanted: Call) => send(agent, settings, wanted);
  // Version 0 lets the server answer from its cache: asking every second costs etcd nothing.
  const list = async <T>(kind: string) =>
    (JSON.parse(await call({ method: 'GET', path: `/api/v1/${kind}?resourceVersion=0` })) as { items: readonly T[] })
      .items;
  return {
    services: () => list<Service>('services'),
    nodes: () => list<Node>('nodes'),
    setIngress: async (service, ingress) => {
      const path = `/api/v1/namespaces/${service.namespace}/services/${service.name}/status`;
      const metadata = { resourceVersion: service.resourceVersion };
      const status = { loadBalancer: { ingress: ingress.length === 0 ? null : ingress } };
      await call({ method: 'PATCH', path, body: { metadata, status } });
    },
    warn: async (service, message, at) => {
      await call({
        method: 'POST',
        path: `/api/v1/namespaces/${service.namespace}/events`,
        body: warning(service, message, at),
      });
    },
  };
}

function warning(service: BalancedService, message: string, at: Date): object {
  const time = at.toISOString().replace(/\.\d+Z$/, 'Z');
  const { namespace, name, uid } = service;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${name}.`, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Service', namespace, name, uid },
    type: 'Warning',
    reason: 'LoadBalancerRefused',
    message,
    source: { component },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}

function send(agent: Agent, { host, port }: ApiSettings, { method, path, body }: Call): Promise<string> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': type };
    const message = request({ agent, host, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(text);
        else reject(new Error(`${method} ${path}: ${status} ${text.slice(0, 400)}`));
      });
    });
    message.setTimeout(answerWithinMs, () => message.destroy(new Error(`${method} ${path}: no answer`)));
    message.on('error', reject);
    message.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
