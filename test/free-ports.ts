import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below the ports that a kernel gives to connections and to servers that ask for any: nobody is given one of these. */
const range = [20_000, 30_000] as const;

async function take(): Promise<Server> {
  for (;;) {
    const server = createServer();
    const taken = once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.listen(randomInt(...range));
    if (await taken) return server;
  }
}

/** Different TCP ports of this machine that nothing listens on, and that nothing takes by chance before they are used. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers: Server[] = [];
  for (let index = 0; index < count; index += 1) servers.push(await take());
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** One of {@link freePorts}. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}
