import { execFileSync } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePort, freePorts } from './free-ports.ts';

/** A chooser that tries a port and those after it. */
function from(first: number): () => number {
  let next = first;
  return () => next++;
}

test('fixtures are never given the same port, whether they start side by side or one after the other', async () => {
  const first = await freePort();
  const given = await Promise.all([freePorts(3, from(first)), freePorts(3, from(first))]);
  const later = await freePorts(2, from(first));
  expect(new Set([...given.flat(), ...later]).size).toBe(8);
});

test('another process is not given a port of this one', async () => {
  const taken = await freePort();
  const source = join(__dirname, 'free-ports.ts');
  const script = `
    const { freePorts } = require(${JSON.stringify(source)});
    let next = ${taken};
    freePorts(1, () => next++).then((ports) => console.log(ports[0]));`;
  const given = Number(execFileSync(process.execPath, ['--import', 'tsx', '-e', script], { encoding: 'utf8' }));
  expect(given).toBeGreaterThan(taken);
});

test('a port that somebody listens on is not given', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await freePorts(1, from(port))).not.toContain(port);
  server.close();
});
