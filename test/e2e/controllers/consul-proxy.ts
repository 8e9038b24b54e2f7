import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request on its way to Consul. */
export interface ProxiedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
}

/** What is done with a request: passed on, answered, cut off, or passed on once a promise resolves. */
export type Treatment =
  | 'pass'
  | 'cut'
  | { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | Promise<unknown>;

/** Stands between a publisher and Consul, counts, and spoils. */
export interface ConsulProxy extends AsyncDisposable {
  readonly origin: string;
  /** Every transaction that came by, as it was sent. */
  readonly transactions: string[];
  /** Applied to each request until it is set again. */
  treat: (request: ProxiedRequest) => Treatment;
  /** Transactions that Consul answered. */
  readonly answered: () => number;
}

export async function startConsulProxy(target: string): Promise<ConsulProxy> {
  const { hostname, port } = new URL(target);
  const transactions: string[] = [];
  let answered = 0;
  const proxy = { treat: (): Treatment => 'pass' } as { treat: ConsulProxy['treat'] };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = (await request.toArray()).join('');
    const { method = 'GET', url: path = '/', headers } = request;
    const isTransaction = path.startsWith('/v1/txn');
    if (isTransaction) transactions.push(body);
    let treatment = proxy.treat({ method, path, body });
    if (treatment instanceof Promise) {
      await treatment;
      treatment = 'pass';
    }
    if (treatment === 'cut') return response.destroy();
    if (typeof treatment === 'object') {
      return response.writeHead(treatment.status, treatment.headers).end(treatment.body);
    }
    const upstream = send({ hostname, port, method, path, headers });
    upstream.end(body);
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    const text = (await answer.toArray()).join('');
    if (isTransaction) answered += 1;
    const { 'transfer-encoding': _, ...kept } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, { ...kept, 'content-length': Buffer.byteLength(text) });
    return response.end(text);
  };
  // Either side may be killed in the middle of what it says.
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(proxy, {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    transactions,
    answered: () => answered,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  });
}
