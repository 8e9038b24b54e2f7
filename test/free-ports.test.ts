import { execFileSync } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort, freePorts } from './free-ports.ts';

/** Ten ports again and again: enough for whoever is given none twice. */
function tenFrom(first: number): () => number {
  let turn = 0;
  return () => first + (turn++ % 10);
}

test('fixtures that start side by side are never given the same port', async () => {
  const choose = tenFrom(await freePort());
  const given = await Promise.all([freePorts(3, choose), freePorts(3, choose), freePorts(2, choose)]);
  expect(new Set(given.flat()).size).toBe(8);
});

test('another process is not given a port of this one', async () => {
  const taken = await freePort();
  const source = join(__dirname, 'free-ports.ts');
  const script = `
    const { freePorts } = require(${JSON.stringify(source)});
    let turn = 0;
    freePorts(1, () => ${taken} + Math.min(turn++, 9)).then((ports) => console.log(ports[0]));`;
  const given = Number(execFileSync(process.execPath, ['--import', 'tsx', '-e', script], { encoding: 'utf8' }));
  expect(given).toBeGreaterThan(taken);
});

test('a port that somebody listens on is not given', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await freePorts(1, tenFrom(port))).not.toContain(port);
  server.close();
});
