import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent, type IncomingHttpHeaders, type IncomingMessage, request as sendHttp } from 'node:http';
import { Agent as HttpsAgent, request as sendHttps } from 'node:https';
import { isDeepStrictEqual } from 'node:util';

/** Where Consul is and how it is spoken to. Secrets are files: they are read again, because they are rotated. */
export interface ConsulAccess {
  /** As `https://consul.internal:8501`; plain `http:` where nothing of it leaves the machine or its mesh. */
  readonly origin: string;
  /** File with the ACL token; null for the anonymous one. */
  readonly tokenFile: string | null;
  /** PEM of the authorities that may have signed the server's certificate; null for those of the system. */
  readonly caFile: string | null;
  /** PEM of the client's certificate and key; both or none. */
  readonly certFile: string | null;
  readonly keyFile: string | null;
  /** The name in the server's certificate, as `server.dc1.consul`; null for the host of the origin. */
  readonly serverName: string | null;
}

export interface ConsulRequest {
  readonly method: 'GET' | 'PUT';
  /** As `/v1/txn`, without a query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Statuses that are an answer beside 200. @default none */
  readonly accept?: readonly number[];
  readonly signal?: AbortSignal;
}

export interface ConsulAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Parsed; the text where it is no JSON. */
  readonly body: unknown;
}

/** Consul answered, and not with what was asked for. */
export class ConsulError extends Error {
  constructor(
    what: string,
    readonly status: number,
    /** Consul's words, shortened. */
    readonly detail: string,
  ) {
    super(`${what}: ${status} ${detail}`);
    this.name = 'ConsulError';
  }
}

/** Nobody answered, or one that could not ask a leader: what was sent may have been done or not. */
export class ConsulUnavailable extends Error {
  constructor(what: string, why: string) {
    super(`${what}: ${why}`);
    this.name = 'ConsulUnavailable';
  }
}

/** Speaks to one Consul agent or server. */
export interface ConsulClient {
  /** @throws ConsulError on any other status; ConsulUnavailable when nobody answers. */
  readonly send: (request: ConsulRequest) => Promise<ConsulAnswer>;
  readonly close: () => void;
}

/** @param answerMs longest wait for an answer, and between two pieces of it. @default 10_000 */
export function createConsulClient(access: ConsulAccess, answerMs = 10_000): ConsulClient {
  const secrets = secretsOf(access);
  return {
    async send(call) {
      const what = `${call.method} ${call.path}`;
      const { token, agent } = await secrets.read();
      const url = new URL(call.path, access.origin);
      for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
      const body = call.body === undefined ? undefined : JSON.stringify(call.body);
      const headers = {
        ...(token === null ? {} : { 'x-consul-token': token }),
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      };
      const signal = call.signal === undefined ? {} : { signal: call.signal };
      const answer = await exchange(url, { method: call.method, headers, agent, ...signal }, body, answerMs).catch(
        (error: Error) => Promise.reject(new ConsulUnavailable(what, error.message)),
      );
      return judge(what, answer, call.accept ?? []);
    },
    close: secrets.close,
  };
}

interface TlsFiles {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

/** Reads the files at each request, which costs less than the request; a file that cannot be read leaves what was. */
function secretsOf(access: ConsulAccess) {
  let token: string | null = null;
  let tls: TlsFiles | null = null;
  let agent: HttpAgent | null = null;
  const read = async () => {
    const [newToken, ca, cert, key] = await Promise.all(
      [access.tokenFile, access.caFile, access.certFile, access.keyFile].map(readOrNothing),
    );
    token = newToken?.trim() ?? token;
    if (access.tokenFile !== null && token === null) {
      throw new ConsulUnavailable('the ACL token', `found no readable file ${access.tokenFile}, expected one`);
    }
    const files = { ca: ca ?? tls?.ca ?? null, cert: cert ?? tls?.cert ?? null, key: key ?? tls?.key ?? null };
    if (agent === null || !isDeepStrictEqual(files, tls)) {
      for (const socket of Object.values(agent?.freeSockets ?? {}).flat()) socket?.destroy();
      agent = createAgent(access, files);
      tls = files;
    }
    return { token, agent };
  };
  return { read, close: () => agent?.destroy() };
}

async function readOrNothing(file: string | null): Promise<string | null> {
  return file === null ? null : readFile(file, 'utf8').catch(() => null);
}

function createAgent({ origin, serverName }: ConsulAccess, { ca, cert, key }: TlsFiles): HttpAgent {
  const options = { keepAlive: true, maxSockets: 8 };
  if (!origin.startsWith('https:')) return new HttpAgent(options);
  return new HttpsAgent({
    ...options,
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
    ...(serverName === null ? {} : { servername: serverName }),
  });
}

/** Most bytes of an answer: more than all services of a node that can be spoken of in one. */
const mostAnswerBytes = 256 << 20;

function exchange(
  url: URL,
  options: object,
  body: string | undefined,
  answerMs: number,
): Promise<{ readonly message: IncomingMessage; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? sendHttps : sendHttp;
    const request = send(url, options, (message) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      message.on('data', (piece: Buffer) => {
        bytes += piece.length;
        if (bytes > mostAnswerBytes) message.destroy(new Error('the answer is too long'));
        else pieces.push(piece);
      });
      message.on('error', reject);
      message.on('end', () => resolve({ message, text: Buffer.concat(pieces).toString() }));
    });
    request.setTimeout(answerMs, () => request.destroy(new Error(`no answer in ${answerMs} ms`)));
    request.on('error', reject);
    request.end(body);
  });
}

/** Answers of an agent that has no leader to ask. */
const noLeader = /no cluster leader|rpc error|not ready to serve consistent reads|leadership lost|raft apply failed/i;

function judge(
  what: string,
  { message, text }: { readonly message: IncomingMessage; readonly text: string },
  accept: readonly number[],
): ConsulAnswer {
  const status = message.statusCode ?? 0;
  if (status !== 200 && !accept.includes(status)) {
    const detail = text.trim().replace(/\s+/g, ' ').slice(0, 200);
    if (status >= 500 && noLeader.test(detail)) throw new ConsulUnavailable(what, `${status} ${detail}`);
    throw new ConsulError(what, status, detail);
  }
  return { status, headers: message.headers, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
