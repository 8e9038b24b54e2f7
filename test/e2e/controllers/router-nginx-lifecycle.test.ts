import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, get, type ServerResponse } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Certificate, Owner } from '../../../controllers/router/routing-table.ts';
import { owner } from '../../controllers/router/nginx/tables.ts';
import {
  type App,
  type Bench,
  eventually,
  freePort,
  routeTo,
  startApp,
  startBench,
  usualSettings,
  workersIn,
} from './nginx-bench.ts';

let app: App;
/** Requests for `/slow`, oldest first: each is answered when its test says so. */
const begun: ServerResponse[] = [];

/** Workers that leave are never cut, however long the machine stands still. */
const patience = { workerShutdownMs: 120_000 } as const;

beforeAll(async () => {
  app = await startApp('app', (seen, response) => {
    if (seen.target.includes('slow')) begun.push(response);
    else response.end(JSON.stringify(seen));
  });
});

afterAll(() => app[Symbol.asyncDispose]());

const masterOf = async (bench: Bench) => Number(await readFile(join(bench.folder, 'nginx.pid'), 'utf8'));

async function status(bench: Bench, target = '/', host = 'a.test'): Promise<number> {
  return (await bench.send({ host, target })).status;
}

/** Begins a request: the app has it when this resolves, and answers it at `end`. */
async function beginSlow(bench: Bench) {
  const before = begun.length;
  const answer = bench.send({ host: 'a.test', target: '/slow' });
  await eventually(
    async () => begun.length,
    (count) => count > before,
  );
  return { answer, end: () => void begun.at(-1)?.end('slow') };
}

/** A certificate of an authority that signs with this digest. OpenSSL takes no SHA-1 any more, which only it knows. */
function signedBy(digest: 'sha1' | 'sha256'): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'signed-'));
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  try {
    const key = ['-newkey', 'rsa:2048', '-nodes'];
    openssl('req', '-x509', ...key, '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.crt');
    openssl('req', ...key, '-subj', '/CN=bad.test', '-keyout', 'key', '-out', 'request');
    openssl('x509', '-req', `-${digest}`, '-in', 'request', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-out', 'crt');
    return { chain: readFileSync(join(folder, 'crt'), 'utf8'), key: readFileSync(join(folder, 'key'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function selfSigned(key: readonly string[]): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'signed-'));
  try {
    const files = ['-keyout', 'key', '-out', 'crt'];
    const args = ['req', '-x509', '-nodes', '-subj', '/CN=bad.test', ...files, '-newkey', ...key];
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
    return { chain: readFileSync(join(folder, 'crt'), 'utf8'), key: readFileSync(join(folder, 'key'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Asks over connections that are kept, one request after the other on each; gives every failure. */
function load(bench: Bench, connections: number) {
  const failures: string[] = [];
  let [asked, stopped] = [0, false];
  const ask = (agent: Agent) =>
    new Promise<void>((resolve) => {
      const { address: host, http: port } = bench.door;
      const asking = get({ host, port, agent, path: '/load', headers: { Host: 'a.test' } }, (answer) => {
        answer.resume().on('end', resolve).on('error', resolve);
        asked += 1;
        if (answer.statusCode !== 200) failures.push(String(answer.statusCode));
      });
      asking.on('error', (error) => {
        failures.push(error.message);
        resolve();
      });
    });
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!stopped) await ask(agent);
    agent.destroy();
  };
  const clients = Array.from({ length: connections }, client);
  return {
    failures,
    asked: () => asked,
    stop: async () => {
      stopped = true;
      await Promise.all(clients);
    },
  };
}

/** Whether the answer to a request that would keep its connection says that it ends. */
async function endsConnection(bench: Bench): Promise<boolean> {
  const { headers } = await bench.send({ host: 'a.test', target: '/', headers: [['Connection', 'keep-alive']] });
  return headers.some(([name, value]) => name === 'connection' && value === 'close');
}

describe('reloads', () => {
  test('a hundred of them under load lose no request', { timeout: 600_000 }, async () => {
    // With the times of the program: they are what keeps a request from a connection that is about to be closed.
    await using bench = await startBench({ timing: {} });
    await bench.serve([routeTo(app.target, 'a.test', '/')]);
    const clients = load(bench, 4);
    for (let count = 0; count < 100; count += 1) {
      const applied = await bench.apply({
        routes: [routeTo(app.target, 'a.test', '/'), routeTo(app.target, `r${count}.test`, '/')],
      });
      expect(applied.reloaded).toBe(true);
    }
    await eventually(
      async () => clients.asked(),
      (asked) => asked > 1_000,
    );
    await clients.stop();
    expect(clients.failures).toEqual([]);
  });

  test('answers end their connections before one, and not after it', async () => {
    await using bench = await startBench({ timing: { closingMs: 1_000 } });
    await bench.serve([routeTo(app.target, 'a.test', '/')]);
    expect(await endsConnection(bench)).toBe(false);
    const applied = bench.apply({ routes: ['a.test', 'b.test'].map((host) => routeTo(app.target, host, '/')) });
    await eventually(() => endsConnection(bench), Boolean);
    expect((await applied).reloaded).toBe(true);
    await eventually(
      () => endsConnection(bench),
      (ends) => !ends,
    );
  });

  test('the same table in another order is no reload', async () => {
    await using bench = await startBench();
    const routes = ['b', 'a', 'c'].map((name) => routeTo(app.target, `${name}.test`, '/'));
    await bench.serve(routes);
    const master = await masterOf(bench);
    expect((await bench.apply({ routes: routes.toReversed() })).reloaded).toBe(false);
    expect(await masterOf(bench)).toBe(master);
  });

  test('a request under way ends on the configuration it began with', async () => {
    await using bench = await startBench({ settings: patience });
    await bench.serve([routeTo(app.target, 'a.test', '/')]);
    const slow = await beginSlow(bench);
    await bench.serve([]);
    expect(await status(bench)).toBe(0);
    slow.end();
    expect((await slow.answer).body).toBe('slow');
  });
});

describe('what nginx would not take', () => {
  const bad: Owner = { ...owner, namespace: 'bad', name: 'pod', uid: '2' };
  test('a route that a check refuses is left out alone, and its owner is told', async () => {
    await using bench = await startBench();
    const hostile = routeTo(
      app.target,
      'bad.test',
      { kind: 'prefix', path: '/a{alias\t/etc/;}' },
      { id: 'bad', owners: [bad] },
    );
    const applied = await bench.apply({ routes: [routeTo(app.target, 'a.test', '/'), hostile] });
    expect(applied.rejections).toMatchObject([{ owner: bad, reason: 'InvalidPath' }]);
    expect(await status(bench)).toBe(200);
  });

  const ownedBy = (name: string): { readonly owners: readonly [Owner] } => ({
    owners: [{ ...owner, name, uid: name }],
  });

  /** nginx that refuses every configuration with the word `evil`, and is nginx in everything else. */
  const refusing = async (folder: string) => {
    const binary = join(folder, 'nginx');
    const refuse = 'echo "nginx: [emerg] evil" >&2; exit 1';
    const script = `case " $* " in *" -t "*) grep -q evil "$2" && { ${refuse}; } ;; esac\nexec /usr/sbin/nginx "$@"`;
    await writeFile(binary, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return binary;
  };

  test('objects that nginx alone refuses are found, put aside, and taken back once they have changed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'router-refusing-'));
    try {
      await using bench = await startBench({ binary: await refusing(folder) });
      const many = Array.from({ length: 40 }, (_, index) =>
        routeTo(app.target, `h${index}.test`, '/', ownedBy(`pod-${index}`)),
      );
      await bench.serve(many);
      const others = (word: string) =>
        Array.from({ length: 130 }, (_, index) =>
          routeTo(app.target, `${word}${index}.test`, '/', ownedBy(`x${index}`)),
        );
      const fresh = routeTo(app.target, 'fresh.test', '/', ownedBy('z'));
      let applied = await bench.apply({ routes: [...many, ...others('evil'), fresh] });
      expect(applied.untested).toBeGreaterThan(0);
      expect(await status(bench, '/', 'h7.test')).toBe(200);
      for (; applied.untested > 0; applied = await bench.apply({ routes: [...many, ...others('evil'), fresh] }));
      expect(applied.rejections).toHaveLength(130);
      expect(new Set(applied.rejections.map(({ reason }) => reason))).toEqual(new Set(['RefusedByNginx']));
      expect(await Promise.all(['h7.test', 'fresh.test'].map((host) => status(bench, '/', host)))).toEqual([200, 200]);
      const mended = await bench.apply({ routes: [...many, ...others('good'), fresh] });
      expect(mended.rejections).toEqual([]);
      expect(await status(bench, '/', 'good7.test')).toBe(200);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each([
    ['a short elliptic curve', () => selfSigned(['ec', '-pkeyopt', 'ec_paramgen_curve:prime192v1'])],
    ['a chain signed with SHA-1', () => signedBy('sha1')],
    ['a short RSA key', () => selfSigned(['rsa:1024'])],
  ])(
    '120 hosts whose certificate has %s cost no other host anything, not even a test by nginx',
    async (_what, make) => {
      await using bench = await startBench();
      const certificate = make();
      const names = Array.from({ length: 120 }, (_, index) => `bad${index}.test`);
      const routes = [...names, 'a.test'].map((name) => routeTo(app.target, name, '/', ownedBy(name)));
      const shown = (name: string, each: Certificate) =>
        ({ host: { kind: 'exact', name }, owner: ownedBy(name).owners[0], certificate: each }) as const;
      const good = shown('a.test', signedBy('sha256'));
      const applied = await bench.apply({
        routes,
        certificates: [...names.map((name) => shown(name, certificate)), good],
      });
      expect(applied.rejections).toHaveLength(120);
      expect(new Set(applied.rejections.map(({ reason }) => reason))).toEqual(new Set(['InvalidCertificate']));
      expect(JSON.stringify(applied.rejections)).not.toContain('PRIVATE KEY');
      expect(bench.logs.map(({ event }) => event)).not.toContain('configurationRefused');
      expect(await Promise.all(['a.test', 'bad7.test'].map((host) => status(bench, '/', host)))).toEqual([200, 200]);
    },
  );

  test('a configuration that cannot be written leaves the old one, and is served once it can', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'router-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=700', 'tmpfs', folder]);
    try {
      await using bench = await startBench({ folder });
      await bench.serve([routeTo(app.target, 'a.test', '/')]);
      const before = await readFile(join(folder, 'nginx.conf'), 'latin1');
      const large = Array.from({ length: 1_000 }, (_, index) => routeTo(app.target, `h${index}.test`, '/'));
      await expect(bench.apply({ routes: large })).rejects.toThrow(/ENOSPC/);
      expect(await readFile(join(folder, 'nginx.conf'), 'latin1')).toBe(before);
      expect(await status(bench)).toBe(200);
      await bench.serve([routeTo(app.target, 'a.test', '/'), routeTo(app.target, 'b.test', '/')]);
      expect(await status(bench, '/', 'b.test')).toBe(200);
    } finally {
      execFileSync('umount', ['--lazy', folder]);
      await rm(folder, { recursive: true });
    }
  });
});

describe('nginx dies', () => {
  test('a killed master comes back with what it served, and its workers leave the port', async () => {
    await using bench = await startBench({ settings: patience });
    await bench.serve([routeTo(app.target, 'a.test', '/')]);
    const slow = await beginSlow(bench);
    const killed = await masterOf(bench);
    process.kill(killed, 'SIGKILL');
    await eventually(
      () => masterOf(bench).catch(() => killed),
      (pid) => pid !== killed && pid !== 0,
    );
    slow.end();
    expect((await slow.answer).body).toBe('slow');
    await eventually(
      () => status(bench),
      (answer) => answer === 200,
    );
    expect(bench.edge.supervisor.deaths()).toBe(1);
    await bench.serve([routeTo(app.target, 'b.test', '/')]);
    expect(await status(bench, '/', 'b.test')).toBe(200);
  });

  test('a killed worker is replaced by its master', async () => {
    await using bench = await startBench({ settings: { workers: 1 } });
    await bench.serve([routeTo(app.target, 'a.test', '/')]);
    const master = await masterOf(bench);
    const pids = async () =>
      (await workersIn(bench.folder)).filter(({ isLeaving }) => !isLeaving).map(({ pid }) => pid);
    const [worker = 0] = await pids();
    process.kill(worker, 'SIGKILL');
    await eventually(pids, (found) => found.length === 1 && found[0] !== worker);
    await eventually(
      () => status(bench),
      (answer) => answer === 200,
    );
    expect(await masterOf(bench)).toBe(master);
  });

  test('a port that is taken is waited for', async () => {
    const httpPort = await freePort();
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(httpPort, resolve));
    await using bench = await startBench({ settings: { httpPort } });
    await eventually(
      async () => bench.edge.supervisor.deaths(),
      (deaths) => deaths > 0,
    );
    await new Promise((resolve) => blocker.close(resolve));
    await bench.serve([routeTo(app.target, 'a.test', '/')]);
    expect(await status(bench)).toBe(200);
  });
});

describe('a cold start', () => {
  test('serves what was served last until the cluster has been read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'router-cold-'));
    const settings = await usualSettings();
    try {
      const first = await startBench({ folder, settings });
      await first.serve([routeTo(app.target, 'a.test', '/')]);
      await first[Symbol.asyncDispose]();
      await using second = await startBench({ folder, settings });
      await eventually(
        () => status(second),
        (answer) => answer === 200,
      );
      expect((await second.apply({ routes: [routeTo(app.target, 'a.test', '/')] })).reloaded).toBe(false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('ends no connections because the program before was killed while it did', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'router-cold-'));
    try {
      await using bench = await startBench({ folder });
      await bench.serve([routeTo(app.target, 'a.test', '/')]);
      bench.edge.endConnections();
      await eventually(() => endsConnection(bench), Boolean);
      await bench[Symbol.asyncDispose]();
      await using second = await startBench({ folder, settings: bench.settings });
      await eventually(
        () => status(second),
        (answer) => answer === 200,
      );
      expect(await endsConnection(second)).toBe(false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('serves nothing rather than what nginx refuses', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'router-cold-'));
    try {
      await writeFile(join(folder, 'nginx.conf'), 'events {');
      await using bench = await startBench({ folder });
      await eventually(() => status(bench).then(() => bench.edge.supervisor.running()), Boolean);
      await bench.serve([routeTo(app.target, 'a.test', '/')]);
      expect(await status(bench)).toBe(200);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('nobody else can read what is kept', async () => {
    await using bench = await startBench();
    await bench.serve([
      routeTo(app.target, 'a.test', '/', { protection: { kind: 'basicAuth', realm: 'x', users: ['a:b'] } }),
    ]);
    const names = await readdir(bench.folder);
    const modes = execFileSync('stat', ['-c', '%a %n', ...names.map((name) => join(bench.folder, name))]).toString();
    expect(modes).toMatch(/^600 .*nginx\.conf$/m);
    expect(modes).toMatch(/^600 .*users-/m);
    expect(modes).toMatch(/^700 .*temporary$/m);
  });
});

describe('the end', () => {
  test('requests under way end, and kept connections are ended by their answers', async () => {
    const bench = await startBench();
    await bench.serve([routeTo(app.target, 'a.test', '/')]);
    bench.edge.endConnections();
    await eventually(() => endsConnection(bench), Boolean);
    const slow = await beginSlow(bench);
    await bench[Symbol.asyncDispose]();
    // The bench quits within 500 ms, and the request takes longer: it is cut, not the program.
    expect((await slow.answer).status).toBe(0);
    const patient = await startBench({ settings: patience });
    await patient.serve([routeTo(app.target, 'a.test', '/')]);
    const whole = await beginSlow(patient);
    const quitting = patient.edge.supervisor.quit(120_000);
    await eventually(
      () => workersIn(patient.folder),
      (workers) => workers.length === 1 && workers.every(({ isLeaving }) => isLeaving),
    );
    whole.end();
    await quitting;
    expect((await whole.answer).body).toBe('slow');
    await patient[Symbol.asyncDispose]();
  });

  test('no process stays behind', async () => {
    const bench = await startBench();
    await bench.serve([routeTo(app.target, 'a.test', '/')]);
    const master = await masterOf(bench);
    await bench[Symbol.asyncDispose]();
    expect(existsSync(`/proc/${master}`)).toBe(false);
    // A worker that had to be killed is gone a moment after its master.
    const isOpen = () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(bench.door.http, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
        socket.on('connect', () => socket.destroy());
      });
    await eventually(isOpen, (open) => !open);
  });
});
