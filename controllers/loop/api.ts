import { Agent as HttpAgent, type IncomingMessage, type RequestOptions, request as sendHttp } from 'node:http';
import { Agent as HttpsAgent, request as sendHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { ApiAccess, Credentials } from './access.ts';
import type { Clock } from './clock.ts';

/** One call of the API server. */
export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Query included. */
  readonly path: string;
  /** Sent as JSON. @default no body */
  readonly body?: object;
  /** Of the body. @default application/json */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/**
 * The API server answered, and not with 2xx. Tells the machine's words of the answer only: its message may repeat
 * what was sent.
 */
export class ApiError extends Error {
  constructor(
    what: string,
    readonly status: number,
    /** As `Conflict` or `Expired`; empty when the answer names none. */
    readonly reason: string,
    /** What the server asked to wait, milliseconds; null when it did not. */
    readonly retryAfterMs: number | null,
  ) {
    super(`${what}: ${status}${reason === '' ? '' : ` ${reason}`}`);
    this.name = 'ApiError';
  }
}

/** Speaks to one API server. Many calls may be under way at once. */
export interface ApiClient {
  /**
   * The parsed body of the answer.
   * @throws ApiError on anything but 2xx; the connection's error; the signal's reason.
   */
  readonly call: (call: ApiCall) => Promise<unknown>;
  /**
   * The answer's body as it comes: for a watch. The caller ends it.
   * @throws as {@link ApiClient.call}.
   */
  readonly open: (path: string, signal: AbortSignal) => Promise<Readable>;
  /** Ends the connections that wait for their next use. */
  readonly close: () => void;
}

/** Limits of the client, milliseconds and bytes. */
export interface ApiTiming {
  /** From the call to the head of the answer, and between two pieces of its body. @default 30_000 */
  readonly answerMs?: number;
  /** Credentials are read again after this time, and at a 401. @default 60_000 */
  readonly credentialsMs?: number;
}

/** Most bytes of one answer that is read whole. */
const mostAnswerBytes = 256 << 20;

/** What a client is made of. */
export interface ApiClientOptions {
  readonly access: ApiAccess;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Name and version, for the server's own log. */
  readonly userAgent: string;
  readonly timing?: ApiTiming;
}

interface Connection {
  readonly credentials: Credentials;
  readonly agent: HttpAgent;
}

/** A client of one API server; nothing is sent before the first call. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const { access, userAgent, timing = {} } = options;
  const answerMs = timing.answerMs ?? 30_000;
  const connections = connectionOf(options);
  const sendOnce = (call: ApiCall, { credentials, agent }: Connection): Promise<IncomingMessage> => {
    const { protocol, hostname, port } = new URL(access.origin);
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = {
      accept: 'application/json',
      'user-agent': userAgent,
      ...(credentials.token === undefined ? {} : { authorization: `Bearer ${credentials.token}` }),
      ...(body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    };
    const { signal, method, path } = call;
    const wire: RequestOptions = { agent, hostname: hostname.replace(/^\[|\]$/g, ''), port, method, path, headers };
    return exchange({ ...wire, ...(signal ? { signal } : {}) }, protocol === 'https:', body, answerMs);
  };
  const send = async (call: ApiCall): Promise<IncomingMessage> => {
    const answer = await sendOnce(call, await connections.current());
    if (answer.statusCode !== 401 || !(await connections.renew())) return accept(call, answer);
    answer.resume();
    return accept(call, await sendOnce(call, await connections.current()));
  };
  return {
    call: async (call) => readJson(call, await send(call)),
    open: async (path, signal) => {
      const answer = await send({ method: 'GET', path, signal });
      answer.setTimeout(0);
      return answer;
    },
    close: connections.close,
  };
}

/** The agent in use and the credentials it was made with. A token is of a call, a certificate of a connection. */
function connectionOf({ access, clock, timing = {} }: ApiClientOptions) {
  const credentialsMs = timing.credentialsMs ?? 60_000;
  let connection: Connection | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  /** Whether they are others than before. */
  const renew = async (): Promise<boolean> => {
    const credentials = await access.credentials();
    readAt = clock.monotonicMs();
    const before = connection;
    if (before !== null && isDeepStrictEqual(credentials, before.credentials)) return false;
    const sameKeys = before !== null && isDeepStrictEqual(keysOf(credentials), keysOf(before.credentials));
    connection = { credentials, agent: sameKeys ? before.agent : createAgent(access.origin, credentials) };
    if (before !== null && !sameKeys) endIdle(before.agent);
    return true;
  };
  const current = async (): Promise<Connection> => {
    const isOld = clock.monotonicMs() - readAt > credentialsMs;
    // A file that is just being replaced is no reason to stop: the old credentials may still do.
    if (isOld) await renew().catch((error: unknown) => connection ?? Promise.reject(error));
    if (connection === null) throw new Error('no credentials were read');
    return connection;
  };
  return { current, renew, close: () => connection?.agent.destroy() };
}

const keysOf = ({ ca, cert, key }: Credentials) => ({ ca, cert, key });

function createAgent(origin: string, credentials: Credentials): HttpAgent {
  const options = { keepAlive: true, keepAliveMsecs: 30_000 };
  return origin.startsWith('https:') ? new HttpsAgent({ ...options, ...keysOf(credentials) }) : new HttpAgent(options);
}

/** Answers under way keep their connections. */
function endIdle(agent: HttpAgent): void {
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
}

/** Resolves with the head of the answer. A timeout of the socket alone would begin anew with each step of TLS. */
function exchange(
  wire: RequestOptions,
  isSecure: boolean,
  body: string | undefined,
  answerMs: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const late = () => new Error(`${wire.method} ${wire.path?.split('?', 1)[0]}: no answer in ${answerMs} ms`);
    const message = (isSecure ? sendHttps : sendHttp)(wire, (answer) => {
      clearTimeout(timer);
      answer.setTimeout(answerMs, () => answer.destroy(late()));
      resolve(answer);
    });
    const timer = setTimeout(() => message.destroy(late()), answerMs);
    message.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    message.end(body);
  });
}

/** Gives the answer when it is 2xx, otherwise reads what the server says is wrong. */
async function accept(call: ApiCall, answer: IncomingMessage): Promise<IncomingMessage> {
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  const text = await readWhole(answer, 1 << 20).catch(() => '');
  throw new ApiError(whatOf(call), status, reasonIn(text), retryAfterMs(answer.headers['retry-after']));
}

/** Without the query, which says nothing that the path does not. */
const whatOf = ({ method, path }: ApiCall) => `${method} ${path.split('?', 1)[0]}`;

function reasonIn(text: string): string {
  try {
    const { reason } = JSON.parse(text) as { readonly reason?: unknown };
    return typeof reason === 'string' && /^[A-Za-z]{1,64}$/.test(reason) ? reason : '';
  } catch {
    return '';
  }
}

/** Only the form in seconds: the API server sends no other. */
function retryAfterMs(header: string | undefined): number | null {
  return header !== undefined && /^[0-9]{1,6}$/.test(header) ? Number(header) * 1_000 : null;
}

async function readJson(call: ApiCall, answer: IncomingMessage): Promise<unknown> {
  const text = await readWhole(answer, mostAnswerBytes);
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    throw new Error(`${whatOf(call)}: found an answer that is no JSON, expected an object of the API`);
  }
}

async function readWhole(answer: IncomingMessage, mostBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new Error(`found an answer of more than ${mostBytes} bytes, expected less`);
    chunks.push(chunk);
  }
  if (!answer.complete) throw new Error('the answer was cut off');
  return Buffer.concat(chunks).toString();
}
