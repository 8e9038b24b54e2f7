import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleControllers } from '../../../scripts/bundle.ts';
import { mountSecret, secretsFolder } from './mounted-secret.ts';
import { base64, runGatekeeper } from './running.ts';

const secret = 'current-0123456789abcdef';
const address = '/auth/api-key?secret=routing&key=api-key';
const root = path.resolve(__dirname, '../../..');
const bundles = mkdtempSync(path.join(tmpdir(), 'gatekeeper-bundle-'));
const program = path.join(bundles, 'gatekeeper.cjs');

beforeAll(async () => {
  await bundleControllers(root, bundles);
});
afterAll(() => rmSync(bundles, { recursive: true }));

function start(args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  const written: string[] = [];
  child.stdout.on('data', (data) => written.push(String(data)));
  child.stderr.on('data', (data) => written.push(String(data)));
  return { child, text: () => written.join('') };
}

async function event(child: ChildProcess, text: () => string, name: string): Promise<Record<string, number>> {
  for (;;) {
    const line = text()
      .split('\n')
      .find((candidate) => candidate.includes(`"event":"${name}"`));
    if (line !== undefined) return JSON.parse(line) as Record<string, number>;
    await Promise.race([once(child.stdout as NonNullable<typeof child.stdout>, 'data'), once(child, 'exit')]);
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${text()}`);
  }
}

test('the bundled program answers, drains on SIGTERM without losing a check, and ends with 0', async () => {
  await using folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', { 'api-key': secret });
  const flags = ['--address=127.0.0.1', '--port=0', '--health-port=0', `--secrets-dir=${folder.dir}`, '--drain=1s'];
  const { child, text } = start(flags);
  const { port, healthPort } = await event(child, text, 'listening');
  const check = () => fetch(`http://127.0.0.1:${port}${address}`, { headers: { 'X-ROUTING-API-KEY': base64(secret) } });
  const ready = async () => (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).status;
  expect([(await check()).status, await ready()]).toEqual([200, 200]);
  child.kill('SIGTERM');
  await event(child, text, 'draining');
  const answer = await check();
  expect([answer.status, answer.headers.get('connection'), await ready()]).toEqual([200, 'close', 503]);
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  await expect(check()).rejects.toThrow('fetch failed');
  expect(text()).not.toContain(secret);
});

test('wrong flags end the program with 2 and every problem', async () => {
  const { child, text } = start(['--port=x', '--colour=red']);
  const [code] = await once(child, 'close');
  expect([code, text().split('\n').length]).toEqual([2, 3]);
});

test('a port that is taken ends the program with 3', async () => {
  await using folder = await secretsFolder();
  await using gatekeeper = await runGatekeeper(folder.dir);
  const { child, text } = start(['--address=127.0.0.1', `--port=${gatekeeper.port}`, `--secrets-dir=${folder.dir}`]);
  const [code] = await once(child, 'close');
  expect(code).toBe(3);
  expect(text()).toContain('EADDRINUSE');
});

test('a request under way when the ports close is still answered', async () => {
  await using folder = await secretsFolder();
  await mountSecret(folder.dir, 'routing', { 'api-key': secret });
  const gatekeeper = await runGatekeeper(folder.dir);
  const socket = connect(gatekeeper.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => {
    answer += String(data);
  });
  socket.write(`GET ${address} HTTP/1.1\r\nHost: a\r\n`);
  await once(socket, 'connect');
  await gatekeeper.check('/');
  const drained = gatekeeper.drain();
  const listens = () =>
    gatekeeper.check('/').then(
      () => true,
      () => false,
    );
  while (await listens());
  socket.write(`X-ROUTING-API-KEY: ${base64(secret)}\r\n\r\n`);
  await Promise.all([drained, once(socket, 'close')]);
  expect(answer.slice(0, 15)).toBe('HTTP/1.1 200 OK');
});

test('draining twice is draining once', async () => {
  await using folder = await secretsFolder();
  const gatekeeper = await runGatekeeper(folder.dir);
  await Promise.all([gatekeeper.drain(), gatekeeper.drain()]);
  expect(gatekeeper.lines.filter((line) => line.includes('"stopped"'))).toHaveLength(1);
});
