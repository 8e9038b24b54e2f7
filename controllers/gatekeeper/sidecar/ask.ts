import { type ClientRequest, type IncomingMessage, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { request as secureRequest, Agent as TlsAgent } from 'node:https';
import type { AuthQuestion } from '../../../components/dialects/edge-sidecar.ts';
import { type Asked, endToEnd } from './auth.ts';

/** Asks an auth service; never rejects. `signal`: nobody waits for the answer any more. */
export type Ask = (question: AuthQuestion, rawHeaders: readonly string[], signal: AbortSignal) => Promise<Asked>;

/** A refusal larger than this is not passed on. */
const maxBodyBytes = 1024 * 1024;

/** Asks over connections that are kept. Redirects are not followed. */
export function createAsk(): Ask {
  const agents = {
    'http:': new PlainAgent({ keepAlive: true, maxFreeSockets: 256 }),
    'https:': new TlsAgent({ keepAlive: true, maxFreeSockets: 256 }),
  } as const;
  const once = (question: AuthQuestion, headers: readonly string[], signal: AbortSignal) => {
    const url = new URL(question.url);
    const secure = url.protocol === 'https:';
    const options = { agent: agents[secure ? 'https:' : 'http:'], headers: [...headers, 'Host', url.host], signal };
    return exchange(secure ? secureRequest(url, options) : plainRequest(url, options));
  };
  return async (question, rawHeaders, gone) => {
    const signal = AbortSignal.any([gone, AbortSignal.timeout(question.timeoutMs)]);
    const headers = endToEnd(rawHeaders).filter((_, index, all) => all[index - (index % 2)]?.toLowerCase() !== 'host');
    const first = await once(question, headers, signal);
    // A kept connection that the other side has just closed says nothing about the auth service.
    return first === 'stale' ? settled(await once(question, headers, signal)) : settled(first);
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
