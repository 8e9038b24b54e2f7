import { once } from 'node:events';
import { connect } from 'node:net';
import { type Gatekeeper, startGatekeeper } from '../../../controllers/gatekeeper/gatekeeper.ts';
import { jsonLog } from '../../../controllers/loop/log.ts';

export interface RunningGatekeeper extends Gatekeeper, AsyncDisposable {
  /** Every line it logged. */
  readonly lines: readonly string[];
  readonly check: (path: string, headers?: Readonly<Record<string, string>>, method?: string) => Promise<Response>;
  readonly health: (path: string) => Promise<Response>;
  /** Sends these bytes and gives everything that comes back until the connection ends. */
  readonly raw: (bytes: string | Buffer) => Promise<string>;
}

/** A gatekeeper on loopback that scans its Secrets only when told, with a clock that a test may move. */
export async function runGatekeeper(
  secretsDir: string,
  clock = { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
  drainMs = 0,
): Promise<RunningGatekeeper> {
  const lines: string[] = [];
  const flags = { address: '127.0.0.1', port: 0, healthPort: 0, secretsDir, previousWindowMs: 3_600_000, drainMs };
  const log = jsonLog((line) => lines.push(line), clock.wallMs);
  const gatekeeper = await startGatekeeper(flags, { ...clock, log, pollMs: 3_600_000 });
  const { port, healthPort } = gatekeeper;
  return {
    ...gatekeeper,
    lines,
    check: (path, headers = {}, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { headers, method }),
    health: (path) => fetch(`http://127.0.0.1:${healthPort}${path}`),
    raw: (bytes) => exchange(port, bytes),
    [Symbol.asyncDispose]: gatekeeper.drain,
  };
}

async function exchange(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // The server may end the connection before it has read all: what it answered before is the result.
  socket.on('error', () => undefined);
  socket.write(bytes);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
