import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../controllers/loop/clock.ts';
import { close, listen } from '../../../controllers/loop/serve.ts';
import {
  type Applied,
  type EdgeTiming,
  type NginxEdge,
  startNginxEdge,
} from '../../../controllers/router/nginx/edge.ts';
import { runFolder } from '../../../controllers/router/nginx/http-block.ts';
import { createKeyServer } from '../../../controllers/router/nginx/key-checks.ts';
import { type Worker, workersOf } from '../../../controllers/router/nginx/workers.ts';
import type {
  EdgeSettings,
  Forward,
  KeyRing,
  Route,
  RoutingTable,
  Target,
} from '../../../controllers/router/routing-table.ts';
import { type Answer, type Door, type RawRequest, send } from '../../conformance/raw-client.ts';
import { empty, route, settings as usual } from '../../controllers/router/nginx/tables.ts';
import { freePort, freePorts } from '../../free-ports.ts';
import { ensureNginx } from '../nginx-package.ts';

export { freePort };

export interface LogEntry {
  readonly level: string;
  readonly event: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

/** A real nginx on free ports of loopback, fed with routing tables. */
export interface Bench extends AsyncDisposable {
  readonly edge: NginxEdge;
  readonly settings: EdgeSettings;
  readonly folder: string;
  readonly door: Door;
  readonly logs: readonly LogEntry[];
  readonly keys: Map<string, KeyRing>;
  /**
   * Applies a table, as often as a test of its configuration is cut: so does the program's loop. When it resolves, no
   * connection is taken by what served before.
   */
  readonly apply: (table: Partial<RoutingTable>) => Promise<Applied>;
  /** As `apply`: these routes and nothing else. @throws when one is rejected. */
  readonly serve: (routes: readonly Route[], more?: Partial<RoutingTable>) => Promise<void>;
  readonly send: (request: RawRequest) => Promise<Answer>;
}

export interface BenchOptions {
  readonly settings?: Partial<EdgeSettings>;
  readonly folder?: string;
  readonly timing?: Partial<EdgeTiming>;
  /** Absolute. @default Debian's nginx */
  readonly binary?: string;
}

const quick: Partial<EdgeTiming> = { closingMs: 20 };

/** For an answer, milliseconds: a connection that is closed without one is told at once. */
export const patienceMs = 60_000;

export async function startBench({
  settings: given = {},
  folder: kept,
  timing = quick,
  binary = '/usr/sbin/nginx',
}: BenchOptions = {}): Promise<Bench> {
  await ensureNginx();
  const folder = kept ?? (await mkdtemp(join(tmpdir(), 'router-')));
  const settings = { ...(await usualSettings()), ...given };
  const logs: LogEntry[] = [];
  const keys = new Map<string, KeyRing>();
  const keyServer = createKeyServer(
    () => keys,
    () => undefined,
  );
  const socket = runFolder(folder).keys;
  await rm(socket, { force: true });
  await new Promise<void>((resolve) => keyServer.listen(socket, resolve));
  const log = (level: string, event: string, facts = {}) => void logs.push({ level, event, facts });
  const whole = { reloadMs: patienceMs, ...timing };
  const edge = await startNginxEdge({ settings, folder, binary, clock: systemClock, log, timing: whole });
  const apply: Bench['apply'] = async (table) => {
    const applied = await untilUncut(() => edge.apply({ ...empty, ...table }, AbortSignal.timeout(2 * patienceMs)));
    await handedOver(folder, settings.workers);
    return applied;
  };
  const door = { address: '127.0.0.1', http: settings.httpPort, https: settings.httpsPort ?? 0 };
  return {
    edge,
    settings,
    folder,
    door,
    logs,
    keys,
    apply,
    serve: async (routes, more = {}) => {
      const { rejections } = await apply({ routes, ...more });
      if (rejections.length > 0) throw new Error(rejections.map(({ message }) => message).join('\n'));
    },
    send: (request) => send(door, request, patienceMs),
    [Symbol.asyncDispose]: async () => {
      await edge.supervisor.quit(500);
      await close(keyServer);
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A machine that stalls for five seconds cuts a test, which is nobody's fault. */
async function untilUncut<T>(act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('not through within'))) throw error;
    }
  }
}

export async function usualSettings(): Promise<EdgeSettings> {
  const [httpPort = 0, httpsPort = 0] = await freePorts(2);
  return {
    ...usual,
    httpPort,
    httpsPort,
    accessLog: false,
    workerShutdownMs: 2_000,
    // Everything of a test is on loopback.
    refusedTargets: [],
  };
}

/** The workers of the nginx of a folder, oldest first; none while it does not run. */
export async function workersIn(folder: string): Promise<readonly Worker[]> {
  return workersOf(Number(await readFile(runFolder(folder).pid, 'utf8').catch(() => '0')));
}

/**
 * Waits until only workers of the newest configuration take connections. During each reload those of the one before do
 * so too: for a tenth of a second, and for longer on a machine that stalls.
 */
export async function handedOver(folder: string, workers: number): Promise<void> {
  const taking = async () => (await workersIn(folder)).filter(({ isLeaving }) => !isLeaving).length;
  await eventually(taking, (count) => count === workers);
}

/** What an app saw of a request. */
export interface Seen {
  readonly app: string;
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  /** Names in lower case; several values of one name joined by `|`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface App extends AsyncDisposable {
  readonly name: string;
  readonly server: Server;
  readonly target: Target;
  /** Newest last. */
  readonly seen: readonly Seen[];
}

type Answering = (seen: Seen, response: ServerResponse, request: IncomingMessage) => void;

/** Answers with what it saw, as JSON, unless `answer` does otherwise. */
export async function startApp(name: string, answer: Answering = tellSeen): Promise<App> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const headers = Object.entries(request.headersDistinct).map(([key, values]) => [key, (values ?? []).join('|')]);
      const { method = '', url: target = '', httpVersion } = request;
      const one = { app: name, method, target, httpVersion, headers: Object.fromEntries(headers), body };
      seen.push(one);
      answer(one, response, request);
    });
  });
  const port = await listen(server, 0, '127.0.0.1');
  return {
    name,
    server,
    target: { address: '127.0.0.1', port },
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function tellSeen(seen: Seen, response: ServerResponse): void {
  response.end(JSON.stringify(seen));
}

export function seenOf(answer: Answer): Seen {
  return JSON.parse(answer.body) as Seen;
}

/** A route to an app, with `host` and `path` as in the tables of the unit tests. */
export function routeTo(
  target: Target | readonly Target[],
  host: string,
  path: string | Route['path'],
  more: Partial<Route> = {},
  forward: Partial<Forward> = {},
): Route {
  return route(host, path, more, { targets: 'port' in target ? [target] : target, ...forward });
}

/** Asks again until the answer is the right one; gives it, or rejects with the last after `withinMs`. */
export async function eventually<T>(
  read: () => Promise<T>,
  right: (value: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await read();
    if (right(value)) return value;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
