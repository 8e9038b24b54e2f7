import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ListenOptions, type Server } from 'node:net';

/** Below the ports that a kernel gives to connections and to servers that ask for any: nobody is given one of these. */
const range = [20_000, 30_000] as const;

/** Null when somebody listens there. */
async function listenOn(options: ListenOptions): Promise<Server | null> {
  const server = createServer();
  const listens = once(server, 'listening').then(
    () => true,
    () => false,
  );
  server.listen(options);
  return (await listens) ? server : null;
}

/**
 * Makes a port this process's own until it ends. A port is free again between the question whether it is and the start
 * of the program that it is for, and fixtures start side by side: nobody else who asks here is given it meanwhile. The
 * kernel keeps the claim, as a Unix socket of a name without a file, unix(7): it ends with its process.
 */
async function claim(port: number): Promise<boolean> {
  const claimed = await listenOn({ path: `\0edgeplane-port-${port}` });
  claimed?.unref();
  return claimed !== null;
}

async function take(choose: () => number): Promise<number> {
  for (;;) {
    const port = choose();
    if (!(await claim(port))) continue;
    const server = await listenOn({ port });
    if (server === null) continue;
    await once(server.close(), 'close');
    return port;
  }
}

/**
 * Different TCP ports of this machine that nothing listens on, and that nobody else is given while this process runs.
 * @param choose what to try next. @default any of the range
 */
export async function freePorts(count: number, choose = () => randomInt(...range)): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: count }, () => take(choose)));
}

/** One of {@link freePorts}. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}
