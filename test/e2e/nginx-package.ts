import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Under CI Debian's nginx is installed when it is not there; nothing is started. @throws when it is not there. */
export async function ensureNginx(): Promise<void> {
  if (existsSync('/usr/sbin/nginx')) return;
  if (!process.env.CI) throw new Error('nginx: not found; run: apt-get install -y --no-install-recommends nginx');
  // The run level of a single user: the package starts no service there.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'nginx', 'openssl']])
    execFileSync('apt-get', args, { env, stdio: 'ignore' });
}
