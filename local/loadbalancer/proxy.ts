import { spawn } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../command.ts';
import { carryOver, type HaproxyConfiguration, type HaproxyFiles } from './haproxy.ts';

/** Every file of one haproxy, in one folder. */
export interface ProxyFiles extends HaproxyFiles {
  readonly configuration: string;
  /** Unix socket of the master process, which reloads. */
  readonly masterSocket: string;
}

/** The files of the haproxy of a folder. */
export function proxyFiles(folder: string): ProxyFiles {
  return {
    configuration: join(folder, 'haproxy.cfg'),
    masterSocket: join(folder, 'master.sock'),
    statsSocket: join(folder, 'stats.sock'),
    stateFile: join(folder, 'servers.state'),
  };
}

/** Where Debian puts it. */
const program = '/usr/sbin/haproxy';

const settleWithinMs = 5_000;

/**
 * Brings haproxy to a configuration: starts it when none runs, reloads it without losing a connection when it runs
 * with another one, and does nothing when it has this one already. Which one it has is asked of itself, so one that an earlier
 * process started is taken over. Tells whether it had to.
 * @throws when haproxy refuses the configuration (the running one then stays) or does not take it within 5 s.
 */
export async function ensureProxy(files: ProxyFiles, wanted: HaproxyConfiguration): Promise<boolean> {
  if ((await runningDigest(files)) === wanted.digest) return false;
  const candidate = `${files.configuration}.new`;
  await writeFile(candidate, wanted.text, { mode: 0o600 });
  await saveServerStates(files, wanted);
  await run(program, ['-c', '-q', '-f', candidate]);
  await rename(candidate, files.configuration);
  if ((await ask(files.masterSocket, 'show proc')) === undefined) start(files);
  else await ask(files.masterSocket, 'reload');
  const deadline = Date.now() + settleWithinMs;
  while ((await runningDigest(files)) !== wanted.digest) {
    if (Date.now() > deadline) {
      throw new Error(
        `haproxy has not taken ${files.configuration} within ${settleWithinMs / 1000} s; its words are above`,
      );
    }
    await sleep(50);
  }
  return true;
}

/** The digest of the configuration that haproxy runs with; nothing when it does not run. */
export async function runningDigest(files: Pick<ProxyFiles, 'statsSocket'>): Promise<string | undefined> {
  const info = await ask(files.statsSocket, 'show info');
  return info === undefined ? undefined : /^description: (\S+)$/m.exec(info)?.[1];
}

/**
 * The next worker starts with what this one knows; without it, it would try dead nodes for a second. When none runs, the
 * last known states serve: the first check of a server mends what is wrong in them.
 */
async function saveServerStates(files: ProxyFiles, wanted: HaproxyConfiguration): Promise<void> {
  const lastKnown = () => readFile(files.stateFile, 'utf8').catch(() => '');
  const states = (await ask(files.statsSocket, 'show servers state')) ?? (await lastKnown());
  await writeFile(files.stateFile, carryOver(states, wanted.frontends), { mode: 0o600 });
}

/** Outlives its starter, which may be replaced while connections go on; `down` ends it with the cluster's cgroup. */
function start(files: ProxyFiles): void {
  const args = ['-W', '-S', `${files.masterSocket},mode,600`, '-f', files.configuration];
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
  child.on('error', () => undefined); // Shows as a configuration that was not taken.
  child.unref();
}

const answerWithinMs = 2_000;

/** One command and its answer over a socket of haproxy's; nothing when nobody is there. */
function ask(socket: string, command: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const connection = createConnection(socket, () => connection.end(`${command}\n`));
    const finish = (answer: string | undefined) => {
      connection.destroy();
      resolve(answer);
    };
    connection.setTimeout(answerWithinMs, () => finish(undefined));
    connection.on('data', (chunk: Buffer) => chunks.push(chunk));
    connection.on('end', () => finish(Buffer.concat(chunks).toString()));
    connection.on('error', () => finish(undefined));
  });
}
