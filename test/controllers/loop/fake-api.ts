import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ApiAccess } from '../../../controllers/loop/access.ts';

/** A request as the server saw it. */
export interface Seen {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string | undefined;
}

/** What the server does instead of answering as it should. `undefined` lets it answer. */
export type Fault = (response: ServerResponse, seen: Seen) => void;

type Kind = 'list' | 'watch';

/** A Kubernetes API of one collection, over plain HTTP, that can be told to misbehave. */
export interface FakeApi extends AsyncDisposable {
  readonly access: ApiAccess;
  /** The token that a client reads from now on. */
  token: string;
  readonly lists: readonly Seen[];
  readonly watches: readonly Seen[];
  /** Makes or changes an object; watches are told. */
  readonly put: (name: string, spec?: unknown) => void;
  readonly remove: (name: string) => void;
  /** As `put` and `remove`, but the events are lost. */
  readonly silently: (change: () => void) => void;
  /** The next requests of a kind meet these, one each. */
  readonly fail: (kind: Kind, ...faults: readonly Fault[]) => void;
  /** Every request of a kind meets this, until it is null. */
  readonly always: (kind: Kind, fault: Fault | null) => void;
  /** Writes to every watch. */
  readonly write: (text: string) => void;
  readonly bookmark: () => void;
  /** Ends every watch as the server does at its timeout. */
  readonly endWatches: () => void;
  /** Resets every connection. */
  readonly reset: () => void;
  /** Watches from before now are 410. */
  readonly compact: () => void;
  readonly version: () => string;
  /** Takes no connections. */
  readonly stop: () => Promise<void>;
  readonly restart: () => Promise<void>;
  readonly openWatches: () => number;
}

interface Stored {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string; readonly resourceVersion: string };
  readonly spec: unknown;
}

interface Change {
  readonly version: number;
  readonly line: string;
}

/** The answer of the server when it refuses. */
export const refuse =
  (code: number, reason = 'Failure', headers: Readonly<Record<string, string>> = {}): Fault =>
  (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ kind: 'Status', code, reason, message: 'told by the server' }));
  };

/** One line of a watch. */
export const eventLine = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;

export const statusOf = (code: number, reason: string) => ({ kind: 'Status', status: 'Failure', code, reason });

/** A watch that says this and goes on, or ends. */
export const saying =
  (text: string, then: 'end' | 'stay' | 'reset' = 'stay'): Fault =>
  (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(text, () => {
      if (then === 'end') response.end();
      if (then === 'reset') response.destroy();
    });
  };

class Collection {
  readonly objects = new Map<string, Stored>();
  readonly watches = new Set<ServerResponse>();
  readonly #snapshots = new Map<number, readonly Stored[]>();
  #history: Change[] = [];
  #version = 100;
  #oldest = 0;
  #quiet = false;

  get version(): number {
    return this.#version;
  }

  put(name: string, spec: unknown): void {
    this.#version += 1;
    const metadata = { name, namespace: 'default', resourceVersion: String(this.#version) };
    const object = { kind: 'Thing', metadata, spec };
    this.#tell(eventLine(this.objects.has(name) ? 'MODIFIED' : 'ADDED', object));
    this.objects.set(name, object);
  }

  remove(name: string): void {
    const object = this.objects.get(name);
    if (object === undefined) return;
    this.#version += 1;
    this.objects.delete(name);
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    this.#tell(eventLine('DELETED', { ...object, metadata }));
  }

  silently(change: () => void): void {
    this.#quiet = true;
    change();
    this.#quiet = false;
  }

  endWatches(): void {
    for (const watch of this.watches) watch.end();
    this.watches.clear();
  }

  compact(): void {
    this.#oldest = this.#version;
    this.#history = [];
  }

  #tell(line: string): void {
    if (this.#quiet) return;
    this.#history.push({ version: this.#version, line });
    for (const watch of this.watches) watch.write(line);
  }

  /** The pages of one list are all of one version. */
  #asOf(version: number): readonly Stored[] {
    const now = () => [...this.objects.values()].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const all = this.#snapshots.get(version) ?? now();
    this.#snapshots.set(version, all);
    return all;
  }

  list(response: ServerResponse, { query }: Seen): void {
    const [version = this.#version, from = 0] = (query.get('continue')?.split(':') ?? []).map(Number);
    if (version < this.#oldest) {
      refuse(410, 'Expired')(response, { path: '', query, token: undefined });
      return;
    }
    const all = this.#asOf(version);
    const to = from + Number(query.get('limit') ?? all.length);
    const more = to < all.length ? { continue: `${version}:${to}` } : {};
    response.writeHead(200, { 'content-type': 'application/json' });
    const metadata = { resourceVersion: String(version), ...more };
    response.end(JSON.stringify({ kind: 'ThingList', metadata, items: all.slice(from, to) }));
  }

  watch(response: ServerResponse, { query }: Seen): void {
    const from = Number(query.get('resourceVersion'));
    if (from < this.#oldest) {
      refuse(410, 'Expired')(response, { path: '', query, token: undefined });
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const { version, line } of this.#history) if (version > from) response.write(line);
    this.watches.add(response);
    response.on('close', () => this.watches.delete(response));
  }
}

function seenOf(request: IncomingMessage): Seen {
  const url = new URL(request.url ?? '', 'http://fake');
  const token = request.headers.authorization?.replace('Bearer ', '');
  return { path: url.pathname, query: url.searchParams, token };
}

export async function startFakeApi(): Promise<FakeApi> {
  const collection = new Collection();
  const seen: Record<Kind, Seen[]> = { list: [], watch: [] };
  const faults: Record<Kind, Fault[]> = { list: [], watch: [] };
  const standing: Record<Kind, Fault | null> = { list: null, watch: null };
  const sockets = new Set<Socket>();
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((request, response) => {
      const asked = seenOf(request);
      const kind: Kind = asked.query.has('watch') ? 'watch' : 'list';
      seen[kind].push(asked);
      const fault = standing[kind] ?? faults[kind].shift();
      if (fault !== undefined) fault(response, asked);
      else collection[kind](response, asked);
    });
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const stop = async () => {
    const closed = once(server, 'close');
    server.close();
    reset();
    await closed;
  };
  const fake: FakeApi = {
    token: 'first',
    access: { origin: `http://127.0.0.1:${port}`, credentials: async () => ({ token: fake.token }) },
    lists: seen.list,
    watches: seen.watch,
    put: (name, spec = {}) => collection.put(name, spec),
    remove: (name) => collection.remove(name),
    silently: (change) => collection.silently(change),
    fail: (kind, ...more) => faults[kind].push(...more),
    always: (kind, fault) => {
      standing[kind] = fault;
    },
    write: (text) => collection.watches.forEach((watch) => void watch.write(text)),
    bookmark: () => {
      const metadata = { resourceVersion: String(collection.version) };
      fake.write(eventLine('BOOKMARK', { kind: 'Thing', metadata }));
    },
    endWatches: () => collection.endWatches(),
    reset,
    compact: () => collection.compact(),
    version: () => String(collection.version),
    stop,
    async restart() {
      server = await listen(port);
    },
    openWatches: () => collection.watches.size,
    [Symbol.asyncDispose]: () => (server.listening ? stop() : Promise.resolve()),
  };
  return fake;
}
