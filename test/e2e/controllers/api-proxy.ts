import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as sendHttp } from 'node:http';
import { request as sendHttps } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiAccess } from '../../../controllers/loop/access.ts';

/** Does something else with a request than to pass it on. */
type Fault = (response: ServerResponse) => void;

/** Stands between a client and the API server, and spoils what passes. The client speaks plain HTTP to it. */
export interface ApiProxy extends AsyncDisposable {
  /** With the rights of the server's own access. */
  readonly access: ApiAccess;
  readonly lists: () => number;
  readonly watches: () => number;
  readonly openWatches: () => number;
  /** Nothing passes any more, in neither direction; every connection stays open, and new ones are taken. */
  readonly stall: () => void;
  /** New connections pass; those that were stalled stay silent. */
  readonly flow: () => void;
  /** Resets every connection. */
  readonly reset: () => void;
  /** The next watches meet these, one each. */
  readonly failWatches: (...faults: readonly Fault[]) => void;
  /** Writes into every open watch. */
  readonly write: (text: string) => void;
  /** Ends every open watch. */
  readonly endWatches: () => void;
}

export async function startApiProxy(target: ApiAccess): Promise<ApiProxy> {
  const credentials = await target.credentials();
  const { hostname, port, protocol } = new URL(target.origin);
  const sockets = new Set<Socket>();
  const watches = new Set<ServerResponse>();
  const faults: Fault[] = [];
  const count = { lists: 0, watches: 0 };
  let isStalled = false;
  const pass = (request: IncomingMessage, response: ServerResponse, isWatch: boolean) => {
    const { method, url: path, headers } = request;
    const own = { ...headers, host: `${hostname}:${port}` };
    const send = protocol === 'https:' ? sendHttps : sendHttp;
    const { ca, cert, key } = credentials;
    const upstream = send({ hostname, port, method, path, headers: own, ca, cert, key }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      if (isWatch) watches.add(response);
      answer.on('data', (chunk: Buffer) => {
        if (!isStalled && !response.writableEnded && !response.destroyed) response.write(chunk);
      });
      answer.on('end', () => {
        // What is stalled now never hears of its end; what is not is open no longer.
        if (isStalled) return;
        watches.delete(response);
        response.end();
      });
      answer.on('error', () => response.destroy());
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => {
      watches.delete(response);
      upstream.destroy();
    });
    request.pipe(upstream);
  };
  const server = createServer((request, response) => {
    const isWatch = request.url?.includes('watch=1') === true;
    const isList = request.method === 'GET' && !isWatch;
    if (isWatch) count.watches += 1;
    if (isList) count.lists += 1;
    const fault = isWatch ? faults.shift() : undefined;
    if (isStalled) return;
    if (fault) fault(response);
    else pass(request, response, isWatch);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    access: {
      origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: async () => ({}),
    },
    lists: () => count.lists,
    watches: () => count.watches,
    openWatches: () => watches.size,
    stall: () => {
      isStalled = true;
    },
    flow: () => {
      isStalled = false;
      // What was lost on the way makes what follows useless: those connections stay as they are.
      watches.clear();
    },
    reset,
    failWatches: (...more) => faults.push(...more),
    write: (text) => watches.forEach((watch) => void watch.write(text)),
    endWatches: () => {
      for (const watch of watches) watch.end();
      watches.clear();
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      reset();
      await closed;
    },
  };
}
