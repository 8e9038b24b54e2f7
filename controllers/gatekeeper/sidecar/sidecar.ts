import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readSidecarUrl } from '../../../components/dialects/edge-sidecar.ts';
import { createHealthServer } from '../../loop/health.ts';
import type { Log } from '../../loop/log.ts';
import { listen } from '../../loop/serve.ts';
import { type Ask, type AskParts, createAsk } from './ask.ts';
import { authReply } from './auth.ts';
import { redirectReply } from './redirect.ts';
import { type Outcome, outcomes, type Reply, readOriginal, said } from './reply.ts';

/** Where the program listens; 0 for any free port. */
export interface SidecarFlags {
  /** Loopback: only the edge in the same pod may ask. */
  readonly port: number;
  /** Every address: probes come from the node. */
  readonly healthPort: number;
}

/** The program beside Traefik, answering. */
export interface Sidecar {
  readonly port: number;
  readonly healthPort: number;
  /** Closes both ports once the last answer is out. */
  readonly stop: () => Promise<void>;
}

/** More than the edge lets a client send, which is 64 KiB, and what the edge adds. */
const maxHeadBytes = 131_072;

/**
 * Answers what Traefik cannot by itself: redirects with the status that was asked for, and forward auth by the contract.
 * It is ended after Traefik is, so it has no drain of its own.
 * @throws when a port cannot be listened on.
 */
export async function startSidecar(flags: SidecarFlags, log: Log, parts: AskParts = {}): Promise<Sidecar> {
  const counts = new Map<Outcome, number>(outcomes.map((outcome) => [outcome, 0]));
  const ask = createAsk(parts);
  // Longer than the 90 s after which Traefik closes an idle connection, so that it closes first.
  const limits = { maxHeaderSize: maxHeadBytes, keepAliveTimeout: 100_000, requestTimeout: 10_000 };
  const questions = createServer(limits, (request, response) => {
    replyTo(request, response, ask).then(
      (reply) => {
        counts.set(reply.outcome, (counts.get(reply.outcome) ?? 0) + 1);
        write(response, reply);
      },
      (error: unknown) => {
        log('error', 'fault', { name: error instanceof Error ? error.name : typeof error });
        write(response, said('malformed', 500, 'the question failed'));
      },
    );
  });
  // A limit on the number of headers would drop the last ones unseen; the size of the head limits them already.
  questions.maxHeadersCount = 0;
  const health = createHealthServer({
    unready: () => null,
    metrics: () => metricsText(counts),
    onFault: (name) => log('error', 'fault', { name }),
  });
  const port = await listen(questions, flags.port, '127.0.0.1');
  const healthPort = await listen(health, flags.healthPort, null);
  log('info', 'listening', { port, healthPort });
  return {
    port,
    healthPort,
    stop: async () => {
      await Promise.all([close(questions), close(health)]);
    },
  };
}

async function replyTo(request: IncomingMessage, response: ServerResponse, ask: Ask): Promise<Reply> {
  const [question, original] = [readSidecarUrl(request.url ?? ''), readOriginal(request.headers)];
  if (question === null) return said('malformed', 500, 'no such question');
  if (original === null) return said('malformed', 400, 'the request has no usable host');
  if (question.kind === 'redirect') return redirectReply(question, original);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  return authReply(question, await ask(question, request.rawHeaders, gone.signal), original);
}

function write(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, [...headers, 'Content-Length', String(Buffer.byteLength(body))]);
  response.end(body);
}

function metricsText(counts: ReadonlyMap<Outcome, number>): string {
  const name = 'edgeplane_sidecar_answers_total';
  const lines = [...counts].map(([outcome, count]) => `${name}{outcome="${outcome}"} ${count}`);
  return [`# HELP ${name} Answers to the edge by what came of them.`, `# TYPE ${name} counter`, ...lines, ''].join(
    '\n',
  );
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), 1_000);
  await closed;
  clearTimeout(late);
}
