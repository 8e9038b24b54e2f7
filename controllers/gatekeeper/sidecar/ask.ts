import { type ClientRequest, type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { request as secureRequest, Agent as TlsAgent } from 'node:https';
import type { AuthQuestion } from '../../../components/dialects/edge-sidecar.ts';
import { type Asked, endToEnd } from './auth.ts';
import { asLookup, createFindAddresses, type FindAddresses } from './names.ts';
import { type Bounds, createTurns } from './turns.ts';

/** Asks an auth service; never rejects. `signal`: nobody waits for the answer any more. */
export type Ask = (question: AuthQuestion, rawHeaders: readonly string[], signal: AbortSignal) => Promise<Asked>;

/** A refusal larger than this is not passed on. */
const maxBodyBytes = 1024 * 1024;

/** What asking takes beside connections. */
export interface AskParts {
  /** @default names as the pod resolves them */
  readonly find?: FindAddresses;
  readonly bounds?: Bounds;
}

/**
 * Asks over connections that are kept. Redirects are not followed. One deadline, the question's, covers the wait for a
 * turn at the auth service, its name, the connection and the whole answer.
 */
export function createAsk({ find = createFindAddresses(), bounds = {} }: AskParts = {}): Ask {
  const agents = {
    'http:': new PlainAgent({ keepAlive: true, maxFreeSockets: 256 }),
    'https:': new TlsAgent({ keepAlive: true, maxFreeSockets: 256 }),
  } as const;
  const [lookup, takeTurn] = [asLookup(find), createTurns(bounds)];
  const once = (url: URL, headers: readonly string[], signal: AbortSignal) => {
    const secure = url.protocol === 'https:';
    const agent = agents[secure ? 'https:' : 'http:'];
    const options = { agent, lookup, headers: [...headers, 'Host', url.host], signal };
    return exchange(secure ? secureRequest(url, options) : plainRequest(url, options));
  };
  return async (question, rawHeaders, gone) => {
    const signal = AbortSignal.any([gone, AbortSignal.timeout(question.timeoutMs)]);
    const headers = endToEnd(rawHeaders).filter((_, index, all) => all[index - (index % 2)]?.toLowerCase() !== 'host');
    const url = new URL(question.url);
    const asked = await takeTurn(url.origin, signal, async () => {
      const first = await once(url, headers, signal);
      // A kept connection that the other side has just closed says nothing about the auth service.
      return settled(first === 'stale' ? await once(url, headers, signal) : first);
    });
    if (asked === 'busy') return { kind: 'busy' };
    return asked === 'gone' ? { kind: 'silent', why: 'late' } : asked;
  };
}

function settled(asked: Asked | 'stale'): Asked {
  return asked === 'stale' ? { kind: 'silent', why: 'broken' } : asked;
}

function exchange(request: ClientRequest): Promise<Asked | 'stale'> {
  return new Promise((resolve) => {
    request.on('response', (response) => readAnswer(response, resolve));
    request.on('error', (error: NodeJS.ErrnoException) => {
      const stale = request.reusedSocket && error.code === 'ECONNRESET';
      resolve(stale ? 'stale' : { kind: 'silent', why: isLate(error) ? 'late' : 'unreachable' });
    });
    request.end();
  });
}

function isLate({ name }: Error): boolean {
  return name === 'AbortError' || name === 'TimeoutError';
}

/** The whole answer; of a body that is too large only that it is. */
function readAnswer(response: IncomingMessage, done: (asked: Asked) => void): void {
  const { statusCode: status = 0, rawHeaders: headers } = response;
  const chunks: Buffer[] = [];
  let length = 0;
  response.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= maxBodyBytes) {
      chunks.push(chunk);
      return;
    }
    done({ kind: 'answer', status, headers, body: null });
    response.destroy();
  });
  response.on('end', () => done({ kind: 'answer', status, headers, body: Buffer.concat(chunks) }));
  response.on('error', (error) => done({ kind: 'silent', why: isLate(error) ? 'late' : 'broken' }));
  response.on('close', () => done({ kind: 'silent', why: 'broken' }));
}
