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
