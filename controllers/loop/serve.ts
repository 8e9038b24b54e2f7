import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Longest wait for answers under way once a port is closed, milliseconds. */
const lastAnswersMs = 5_000;

/**
 * @param port 0 for any free one.
 * @param address null for every address.
 * @returns the port.
 * @throws when it cannot be listened on.
 */
export async function listen(server: Server, port: number, address: string | null): Promise<number> {
  server.listen(address === null ? { port } : { port, host: address });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Takes no more connections, and resolves when the last answer is out. */
export async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const late = setTimeout(() => server.closeAllConnections(), lastAnswersMs);
  await closed;
  clearTimeout(late);
}

/** The first SIGTERM or SIGINT. A second one is left to its default: it ends the process at once. */
export function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals = ['SIGTERM', 'SIGINT'] as const;
    const onSignal = (signal: NodeJS.Signals) => {
      for (const name of signals) process.off(name, onSignal);
      resolve(signal);
    };
    for (const name of signals) process.on(name, onSignal);
  });
}
