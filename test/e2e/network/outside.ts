import { type IncomingHttpHeaders, request } from 'node:http';
import { createConnection } from 'node:net';
import { run } from '../../../local/command.ts';
import type { Topology } from '../../../local/topology.ts';

/** What the echo image tells about a request. */
export interface Report {
  readonly pod: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly bodyLength: number;
  readonly remoteAddr: string;
}

/** An answer, or the code of the error that stood in its way (`ECONNREFUSED`, `ETIMEDOUT`). */
export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly headers: IncomingHttpHeaders }
  | { readonly kind: 'failed'; readonly code: string };

/** A request from this machine, which is outside of the cluster. Never rejects. */
export interface Question {
  readonly address: string;
  readonly port?: number;
  readonly path?: string;
  /** The address it comes from. */
  readonly from?: string;
  /** Names and values in turn, sent in this order and spelling. */
  readonly headers?: readonly string[];
  /** @default GET */
  readonly method?: string;
}

const answerWithinMs = 10_000;

/** Asks over a connection of its own; waits 10 s for each sign of life. */
export function ask({ address, port = 80, path = '/', from, headers = [], method = 'GET' }: Question): Promise<Answer> {
  return new Promise((resolve) => {
    const source = from === undefined ? {} : { localAddress: from };
    const given = headers.length === 0 ? {} : { headers: ['Host', address, ...headers] };
    const message = request({ host: address, port, path, method, agent: false, ...source, ...given }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () =>
        resolve({
          kind: 'answer',
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString(),
          headers: response.headers,
        }),
      );
    });
    const fail = (error: NodeJS.ErrnoException) => resolve({ kind: 'failed', code: error.code ?? error.message });
    message.setTimeout(answerWithinMs, () =>
      message.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })),
    );
    message.on('error', fail);
    message.end();
  });
}

/** The report in an answer of the echo image; nothing when it is no such answer. */
export function reportIn(answer: Answer): Report | undefined {
  return answer.kind === 'answer' && answer.status === 200 ? (JSON.parse(answer.body) as Report) : undefined;
}

/** The address in the report, without its port. */
export const clientIn = (answer: Answer): string | undefined => reportIn(answer)?.remoteAddr.replace(/:\d+$/, '');

/** What somebody who knocks at a port finds: a listener, a refusal, or nothing at all, as behind a firewall. */
export function knock(address: string, port: number, from?: string): Promise<'open' | 'refused' | 'silent'> {
  return new Promise((resolve) => {
    const source = from === undefined ? {} : { localAddress: from };
    const connection = createConnection({ host: address, port, ...source });
    const finish = (found: 'open' | 'refused' | 'silent') => {
      connection.destroy();
      resolve(found);
    };
    connection.setTimeout(1_500, () => finish('silent'));
    connection.on('connect', () => finish('open'));
    connection.on('error', (error: NodeJS.ErrnoException) =>
      finish(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'),
    );
  });
}

/** Gives this machine a further address on the outside network, by default the one that ends in 50; `drop` takes it back. */
export async function secondClient(
  { outside }: Topology,
  address = outside.host.replace(/\d+$/, '50'),
): Promise<{ readonly address: string; drop(): Promise<void> }> {
  await run('ip', ['addr', 'replace', `${address}/32`, 'dev', outside.hostLink]);
  return {
    address,
    drop: async () => {
      await run('ip', ['addr', 'del', `${address}/32`, 'dev', outside.hostLink]);
    },
  };
}
