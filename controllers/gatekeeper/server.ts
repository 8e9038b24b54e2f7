import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { decide, readTarget, type Scheme, type Verdict } from './decide.ts';
import type { Metrics, Refusal } from './metrics.ts';
import type { Snapshot } from './snapshot.ts';

/** What a check server is given. */
export interface CheckServerOptions {
  readonly snapshot: () => Snapshot;
  /** After SIGTERM: answers go on, and each ends its connection. */
  readonly draining: () => boolean;
  readonly metrics: Metrics;
  readonly monotonicMs: () => number;
  /** Told the name of an error that is a defect of this program; its message could hold a header. */
  readonly onFault: (name: string) => void;
  /** @default 8192 */
  readonly maxConnections?: number;
}

/** Most bytes of a request head; more is a 431. */
const maxHeadBytes = 8192;

const limits: ServerOptions = {
  maxHeaderSize: maxHeadBytes,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  // Longer than the 90 s of Go's and 60 s of nginx's idle connections, so that the caller closes first and no check
  // meets a connection that is just being closed.
  keepAliveTimeout: 100_000,
};

export interface CheckServer {
  /** Not listening yet. */
  readonly server: Server;
  /** Open connections now. */
  readonly connections: () => number;
}

export function createCheckServer(options: CheckServerOptions): CheckServer {
  const server = createServer(limits, (request, response) => answerRequest(request, response, options));
  const again = (request: IncomingMessage, response: ServerResponse) => server.emit('request', request, response);
  // An expectation is about the body, and no body is read.
  server.on('checkContinue', again).on('checkExpectation', again);
  server.on('connect', (_request, socket) => refuse(socket, 'notFound', options.metrics));
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    refuse(socket, refusalOf(error.code), options.metrics);
  });
  // A limit on the number of headers would drop the last ones unseen; the size of the head limits them already.
  server.maxHeadersCount = 0;
  return { server, connections: limitConnections(server, options.maxConnections ?? 8192, options.metrics) };
}

/** Idle connections make room when three quarters are taken, so that holding them open starves nobody. */
function limitConnections(server: Server, most: number, metrics: Metrics): () => number {
  let connections = 0;
  server.maxConnections = most;
  server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', () => {
      connections -= 1;
    });
    if (connections > most * 0.75) server.closeIdleConnections();
  });
  server.on('drop', () => metrics.refused('tooManyConnections'));
  return () => connections;
}

const headerOf: Readonly<Record<Scheme, string>> = { apiKey: 'x-routing-api-key', bearer: 'authorization' };

function answerRequest(request: IncomingMessage, response: ServerResponse, options: CheckServerOptions): void {
  const started = options.monotonicMs();
  const closing = options.draining() || announcesBody(request);
  try {
    const target = readTarget(request.url ?? '');
    if (target === null) {
      options.metrics.refused('notFound');
      answer(response, 404, 'no such path', closing, []);
      return;
    }
    const presented = valuesOf(request.rawHeaders, headerOf[target.scheme]);
    const verdict = decide({ ...target, presented }, options.snapshot(), started);
    answer(response, verdict.status, bodyOf(verdict, target.scheme), closing, headersOf(verdict));
    options.metrics.checked(target.scheme, verdict.outcome, options.monotonicMs() - started);
  } catch (error) {
    options.metrics.refused('fault');
    options.onFault(error instanceof Error ? error.name : typeof error);
    answer(response, 503, 'the check failed', true, []);
  }
}

/** A connection is not used again after an announced body: some proxies announce one and leave it out. */
function announcesBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return (length !== undefined && length !== '0') || request.headers['transfer-encoding'] !== undefined;
}

/** Every value of one header, as sent; Node's own list drops or joins repeated ones. */
function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

function headersOf(verdict: Verdict): readonly string[] {
  if (verdict.caller !== null) return ['X-Edgeplane-Caller', verdict.caller];
  if (verdict.challenge !== null) return ['WWW-Authenticate', verdict.challenge];
  return verdict.status === 503 ? ['Retry-After', '5'] : [];
}

function bodyOf(verdict: Verdict, scheme: Scheme): string {
  const name = scheme === 'apiKey' ? 'API key' : 'bearer token';
  switch (verdict.outcome) {
    case 'accepted':
    case 'acceptedPrevious':
      return 'ok';
    case 'missing':
      return `no ${name}`;
    case 'wrong':
      return `wrong ${name}`;
    case 'malformed':
      return `exactly one well-formed ${name} expected`;
    case 'unavailable':
      return 'no usable secret to check with';
    default:
      return verdict.outcome satisfies never;
  }
}

function answer(
  response: ServerResponse,
  status: number,
  line: string,
  closing: boolean,
  headers: readonly string[],
): void {
  const fixed = ['Content-Type', 'text/plain; charset=utf-8', 'Cache-Control', 'no-store'];
  const length = ['Content-Length', String(line.length + 1)];
  const connection = closing ? ['Connection', 'close'] : [];
  response.writeHead(status, [...fixed, ...length, ...connection, ...headers]);
  response.end(`${line}\n`);
}

function refusalOf(code: string | undefined): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headTooLarge';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'timeout' : 'badMessage';
}

const refusalLines: Readonly<Partial<Record<Refusal, string>>> = {
  notFound: '404 Not Found',
  badMessage: '400 Bad Request',
  headTooLarge: '431 Request Header Fields Too Large',
  timeout: '408 Request Timeout',
};

/** Answers where there is no request to answer; nothing of what was sent is repeated. */
function refuse(socket: Duplex, reason: Refusal, metrics: Metrics): void {
  metrics.refused(reason);
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const line = refusalLines[reason] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${line}\r\nCache-Control: no-store\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}
