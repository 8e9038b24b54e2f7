import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { endlessHead, frameType, headBomb, resetStorm, speak } from '../../../conformance/http2-attacks.ts';
import { owner } from '../../../controllers/router/nginx/tables.ts';
import { type App, type Bench, eventually, routeTo, startApp, startBench, workersIn } from '../nginx-bench.ts';

/** What an attack may cost all processes of nginx together, in bytes. */
const mayAdd = 64 * 1024 ** 2;

let bench: Bench;
let app: App;
let floods: App;
let ended: number;

function selfSigned() {
  const folder = mkdtempSync(join(tmpdir(), 'router-attacks-'));
  const files = ['-keyout', join(folder, 'key'), '-out', join(folder, 'crt')];
  const subject = ['-days', '2', '-subj', '/CN=tls.test', '-addext', 'subjectAltName=DNS:tls.test'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject], { stdio: 'ignore' });
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const certificate = { chain: read('crt'), key: read('key') };
  rmSync(folder, { recursive: true });
  return certificate;
}

beforeAll(async () => {
  app = await startApp('app');
  // Says yes or no, and then a body without an end.
  floods = await startApp('floods', ({ headers }, response) => {
    response.on('close', () => {
      ended += 1;
    });
    response.writeHead(headers.authorization === 'good' ? 200 : 401);
    const pour = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      if (!response.destroyed) response.once('drain', pour);
    };
    pour();
  });
  bench = await startBench();
  const asks = {
    kind: 'forwardAuth',
    targets: [floods.target],
    authority: 'auth.test',
    target: '/',
    responseHeaders: [],
    timeoutMs: 60_000,
  } as const;
  const routes = [
    routeTo(app.target, 'h.test', '/'),
    routeTo(app.target, 'limit.test', '/', { bodyLimitBytes: 1_000_000 }),
    routeTo(app.target, 'auth.test', '/', { protection: asks }),
    routeTo(app.target, 'tls.test', '/'),
  ];
  const host = { kind: 'exact', name: 'tls.test' } as const;
  await bench.serve(routes, { certificates: [{ host, owner, certificate: selfSigned() }] });
  // Those of the configuration without routes end in their own time.
  await eventually(
    () => workersIn(bench.folder),
    (workers) => workers.every(({ isLeaving }) => !isLeaving),
  );
});

afterAll(async () => {
  await bench?.[Symbol.asyncDispose]();
  for (const one of [app, floods]) await one?.[Symbol.asyncDispose]();
});

const get = (host: string, headers: readonly (readonly [string, string])[] = []) =>
  bench.send({ host, target: '/', headers });

/** Its processes, the master first. */
async function processes(): Promise<readonly string[]> {
  const master = (await readFile(join(bench.folder, 'nginx.pid'), 'utf8')).trim();
  const children = await readFile(`/proc/${master}/task/${master}/children`, 'utf8');
  return [master, ...children.trim().split(' ')];
}

async function memory(): Promise<number> {
  const texts = await Promise.all((await processes()).map((pid) => readFile(`/proc/${pid}/status`, 'utf8')));
  return texts.reduce((sum, text) => sum + Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) * 1024, 0);
}

let before: { readonly processes: readonly string[]; readonly memory: number };
beforeEach(async () => {
  ended = 0;
  before = { processes: await processes(), memory: await memory() };
});
/** After every attack nginx is the same processes, not much larger, and serves everybody else. */
afterEach(async () => {
  expect((await get('h.test')).status).toBe(200);
  expect(await processes()).toEqual(before.processes);
  expect((await memory()) - before.memory).toBeLessThan(mayAdd);
});

test.each([
  ['heads', 'GET / HTTP/1.1\r\nHost: h.test\r\nX-Slow: '],
  ['bodies', 'POST / HTTP/1.1\r\nHost: h.test\r\nContent-Length: 100000\r\n\r\n'],
  ['bodies with a limit', 'POST / HTTP/1.1\r\nHost: limit.test\r\nContent-Length: 100000\r\n\r\n'],
])('R18: 400 slow %s at once keep nobody else waiting', async (_, head) => {
  const sockets = Array.from({ length: 400 }, (): Socket => connect(bench.door.http, '127.0.0.1'));
  for (const socket of sockets) socket.on('error', () => undefined).write(head);
  for (let round = 0; round < 3; round += 1) {
    for (const socket of sockets) socket.write('x');
    const answers = await Promise.all(Array.from({ length: 10 }, () => get('h.test')));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    await sleep(200);
  }
  for (const socket of sockets) socket.destroy();
});

test('R18: heads of 1 MiB are refused by the hundred', async () => {
  const headers = Array.from({ length: 1024 }, (_, index) => [`X-Flood-${index}`, 'x'.repeat(1000)] as const);
  const statuses = new Set<number>();
  for (let round = 0; round < 10; round += 1) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => get('h.test', headers)));
    for (const { status } of answers) statuses.add(status);
  }
  // 0: the connection was closed before everything was sent.
  expect([...statuses].filter((status) => status !== 400 && status !== 0)).toEqual([]);
  expect(app.seen.some((seen) => 'x-flood-0' in seen.headers)).toBe(false);
});

test('R18: a head that unpacks to 44 MB is refused, twenty times at once', async () => {
  const called = app.seen.length;
  const answers = await Promise.all(Array.from({ length: 20 }, () => speak(bench.door, headBomb)));
  for (const types of answers)
    expect(types.some((type) => Object.values(frameType).some((known) => known === type))).toBe(true);
  expect(app.seen.length).toBe(called);
});

test('R18: a head without an end, in 2000 pieces, is cut', async () => {
  const isCut = (types: readonly number[]) => types.includes(frameType.goAway) || types.includes(frameType.reset);
  expect(isCut(await speak(bench.door, endlessHead, isCut))).toBe(true);
});

test('R18: one connection has 128 streams at most, and 2000 that are begun and reset at once hurt nobody', async () => {
  const url = `https://127.0.0.1:${bench.door.https}`;
  const session = connectHttp2(url, { servername: 'tls.test', rejectUnauthorized: false });
  session.on('error', () => undefined);
  await new Promise((resolve) => session.once('remoteSettings', resolve));
  expect(session.remoteSettings.maxConcurrentStreams).toBe(128);
  session.destroy();
  await speak(bench.door, resetStorm, () => false, 3_000);
});

test('R19: an auth service whose answer has no end is read no further than its head, whether it says yes or no', async () => {
  expect((await get('auth.test', [['Authorization', 'good']])).status).toBe(200);
  expect((await get('auth.test')).status).toBe(401);
  await expect.poll(() => ended).toBe(2);
});
