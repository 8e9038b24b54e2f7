import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../../kube-apiserver.ts';
import { type App, startApp } from '../nginx-bench.ts';
import { keepAsking, ownerOf, startRunning } from '../router-running.ts';

let server: ApiServer;
let owner: ReturnType<typeof ownerOf>;
let app: App;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'router-faults-'));
  server = await startApiServer();
  owner = ownerOf(server);
  app = await startApp('app');
});

afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const routed = (host: string) => ({
  ports: [app.target.port],
  annotations: { routingHosts: host, routingPaths: `${app.target.port}:/` },
});
const failed = 'outcome="failed"';

/** Writes until nothing more fits. */
async function fill(file: string): Promise<void> {
  const full = await writeFile(file, Buffer.alloc(4 * 1024 * 1024)).catch((error: NodeJS.ErrnoException) => error.code);
  expect(full).toBe('ENOSPC');
}

test('F22: on a full disk what was served last is served, and what changed is once there is room, without another change', async () => {
  await owner.namespace('full');
  await owner.pod('full', 'web', routed('full.test'));
  const state = await mkdtemp(join(folder, 'state-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', state]);
  try {
    const reconcile = { backoff: { firstMs: 50, mostMs: 500 } };
    await using running = await startRunning({ access: server.access, folder: state, reconcile });
    const before = await readFile(join(state, 'nginx.conf'), 'latin1');
    const asking = keepAsking(() => running.ask('full.test', '/'), 200);
    await fill(join(state, 'filler'));
    await owner.pod('full', 'late', routed('late.full.test'));
    await expect.poll(() => running.metric('reconciles_total', failed)).toBeGreaterThanOrEqual(3);
    expect(await readFile(join(state, 'nginx.conf'), 'latin1')).toBe(before);
    expect([(await running.ask('late.full.test', '/')).status, running.unready()]).toEqual([0, null]);
    await rm(join(state, 'filler'));
    await running.answers(200, 'late.full.test', '/');
    expect((await asking.stop()).others).toEqual([]);
  } finally {
    // Whatever nginx has not closed yet: a worker that was killed ends in its own time.
    execFileSync('umount', ['--lazy', state]);
  }
});

test('F24: a test of a configuration that never ends is cut and tried again, and no object is left out for it', async () => {
  await owner.namespace('hangs');
  await owner.pod('hangs', 'web', routed('hangs.test'));
  const [binary, marker] = [join(folder, 'nginx'), join(folder, 'hang')];
  const tests = `case " $* " in *" -t "*) [ -e ${marker} ] && grep -q late.hangs "$2" && exec sleep 600 ;; esac`;
  await writeFile(binary, `#!/bin/sh\n${tests}\nexec /usr/sbin/nginx "$@"\n`);
  await chmod(binary, 0o755);
  await using running = await startRunning({ access: server.access, binary });
  const asking = keepAsking(() => running.ask('hangs.test', '/'), 200);
  const reloads = await running.metric('reloads_total');
  await writeFile(marker, '');
  await owner.pod('hangs', 'late', routed('late.hangs.test'));
  await expect.poll(() => running.metric('reconciles_total', failed)).toBeGreaterThanOrEqual(1);
  expect([running.unready(), await running.metric('reloads_total')]).toEqual([null, reloads]);
  expect(running.events).not.toContain('quarantined');
  await rm(marker);
  await running.answers(200, 'late.hangs.test', '/');
  expect((await asking.stop()).others).toEqual([]);
});
