import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../controllers/router/routing-table.ts';
import { freePort } from '../test/e2e/controllers/nginx-bench.ts';
import { ensureNginx } from '../test/e2e/nginx-package.ts';

/** An nginx with a configuration written by hand. */
export interface HandWritten extends AsyncDisposable {
  readonly target: Target;
  /** Of the process that the workers belong to. */
  readonly pid: number;
}

/** An app that costs as little as any: it answers `ok` from memory. */
export function startAnsweringNginx(): Promise<HandWritten> {
  return startHandWritten(
    1,
    (port) => `
  keepalive_requests 1000000;
  server { listen 127.0.0.1:${port}; location / { return 200 ok; } }`,
  );
}

/**
 * A proxy as somebody would write it for one host: kept connections to the app, as many and as long as the router keeps
 * them; HTTP/1.1; Host, the usual headers about the client, and upgrades to WebSocket by the map nginx's own manual has;
 * a server for all other hosts; buffers and times of nginx's defaults. No access log, as the router has none beside it:
 * it would cost both the same. It checks no targets, takes no headers off and ends no connections before a reload.
 */
export function startProxyingNginx(app: Target, host: string, workers: number): Promise<HandWritten> {
  return startHandWritten(
    workers,
    (port) => `
  keepalive_requests 10000;
  map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
  upstream app { server ${app.address}:${app.port}; keepalive 32; keepalive_timeout 4s; keepalive_requests 10000; }
  server { listen ${port} default_server; return 404; }
  server {
    listen ${port};
    server_name ${host};
    location / {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Host $http_host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
  }`,
  );
}

async function startHandWritten(workers: number, inside: (port: number) => string): Promise<HandWritten> {
  await ensureNginx();
  const folder = await mkdtemp(join(tmpdir(), 'router-bench-'));
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const file = join(folder, 'nginx.conf');
  await writeFile(
    file,
    `daemon off; pid ${folder}/nginx.pid; error_log stderr warn; worker_processes ${workers};
events { worker_connections 8192; }
http {
  access_log off;
  ${temporary.join(' ')}${inside(port)}
}
`,
  );
  // A bench that is killed leaves nothing behind.
  const words = ['--pdeathsig', 'TERM', '--', '/usr/sbin/nginx', '-e', 'stderr', '-c', file];
  // Detached, as the router's own nginx is: the kernel shares processor time out by sessions first.
  const child = spawn('setpriv', words, { stdio: ['ignore', 'ignore', 'inherit'], detached: true });
  await once(child, 'spawn');
  const target = { address: '127.0.0.1', port };
  await untilAnswering(target);
  return {
    target,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilAnswering({ address, port }: Target): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const error = await fetch(`http://${address}:${port}/`).then(
      () => null,
      (reason: unknown) => reason,
    );
    if (error === null) return;
    if (tries === 100) throw error;
    await sleep(50);
  }
}
