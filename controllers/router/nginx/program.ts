import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { byLine } from './error-lines.ts';
import type { RunFolder } from './http-block.ts';

/** What became of a test of a configuration. */
export type TestResult =
  | { readonly ok: true }
  /**
   * `output`: nginx's own words: for operators, never for the owner of an object, since they quote the file. `cut`: it
   * was ended before it was through, which says nothing about the configuration.
   */
  | { readonly ok: false; readonly cut: boolean; readonly output: string };

export interface Program {
  /** nginx's binary. */
  readonly binary: string;
  readonly run: RunFolder;
  /** A test that takes longer is cut, milliseconds; each KiB gives it 2 more. @default 5000 */
  readonly testMs?: number;
}

/** A master that was started. */
export interface Master {
  readonly pid: number;
  /** Resolves with what ended it. */
  readonly ended: Promise<string>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** To its workers as well, also when the master is gone: they outlive it and keep its ports. */
  readonly signalAll: (signal: NodeJS.Signals) => void;
}

/**
 * nginx reads no environment, and opens its access log by the path of our standard output. It runs in its folder and is
 * told so by the shortest name: by a long one, each request would walk to the one file that it looks for.
 */
function argsOf(file: string, more: readonly string[]): readonly string[] {
  // As root nginx would hand its workers to another user, who may not open the socket of the keys.
  const user = process.getuid?.() === 0 ? ['-g', 'user root;'] : [];
  return ['-c', file, '-p', './', '-e', 'stderr', ...user, ...more];
}

/** A test of 5,000 upstreams took 6.4 s on a machine with much else to do. */
const testMsPerKib = 2;

/** Reads a configuration of so many bytes without serving it. Never throws. */
export async function testConfiguration(program: Program, file: string, bytes: number): Promise<TestResult> {
  const child = spawn(program.binary, [...argsOf(file, ['-t', '-q'])], {
    cwd: program.run.folder,
    stdio: ['ignore', 'inherit', 'pipe'],
    env: {},
  });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output = (output + chunk).slice(-4000);
  });
  const withinMs = (program.testMs ?? 5_000) + Math.ceil((bytes / 1024) * testMsPerKib);
  let cut = false;
  const endIt = () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    cut = true;
    child.kill('SIGKILL');
  };
  // Where this process itself stood still, the end of the test is waiting to be told: that comes first.
  const late = setTimeout(() => setImmediate(endIt), withinMs);
  const why = await endOf(child);
  clearTimeout(late);
  if (cut) return { ok: false, cut, output: `not through within ${withinMs} ms` };
  return why === 'exit code 0' ? { ok: true } : { ok: false, cut, output: `${why}: ${output.trim()}` };
}

/** Starts a master in a process group of its own. Its standard error is told line by line. */
export function startMaster(program: Program, file: string, onLine: (line: string) => void): Master {
  const child = spawn(program.binary, [...argsOf(file, [])], {
    cwd: program.run.folder,
    stdio: ['ignore', 'inherit', 'pipe'],
    env: {},
    detached: true,
  });
  child.stderr.on('data', byLine(onLine));
  const pid = child.pid ?? 0;
  return {
    pid,
    ended: endOf(child),
    signal: (signal) => send(pid, signal),
    signalAll: (signal) => send(-pid, signal),
  };
}

/** A process that is gone already needs no signal. */
function send(pid: number, signal: NodeJS.Signals): void {
  if (pid === 0) return;
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function endOf(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return signal === null ? `exit code ${code}` : `signal ${signal}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The generation that nginx serves now; null when it does not answer within `withinMs`. */
export function servedGeneration({ run }: Program, withinMs = 1_000): Promise<string | null> {
  return new Promise((resolve) => {
    const asking = request(
      { socketPath: run.status, path: '/generation', agent: false, timeout: withinMs },
      (answer) => {
        let body = '';
        answer.on('data', (chunk) => {
          body += chunk;
        });
        answer.on('end', () => resolve(answer.statusCode === 200 ? body : null));
        answer.on('error', () => resolve(null));
      },
    );
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(null));
    asking.end();
  });
}
