import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** One program of a fixture. Its pid is its own: nothing stands between. */
export interface Program {
  /** For error texts. */
  readonly name: string;
  /** @throws when it does not run. */
  readonly pid: () => number;
  /** SIGKILL, and waits until it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGTERM, and waits until it is gone. A watch would hold kube-apiserver for a minute: it is killed after two seconds. */
  readonly stop: () => Promise<void>;
  /** Starts it, also once more, with the same words. */
  readonly start: () => Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** What it has written so far. */
  readonly log: () => string;
}

/** A program that is not started yet. It ends with this process at the latest. */
export function createProgram(name: string, command: readonly string[], logFile: string): Program {
  let child: ChildProcess | null = null;
  const isRunning = () => child !== null && child.exitCode === null && child.signalCode === null;
  const pid = () => {
    if (!isRunning() || child?.pid === undefined) throw new Error(`${name} does not run`);
    return child.pid;
  };
  const end = async (...signals: readonly NodeJS.Signals[]) => {
    if (!isRunning() || child === null) return;
    const gone = once(child, 'exit');
    for (const signal of signals) {
      child.kill(signal);
      await Promise.race([gone, sleep(2_000)]);
    }
    await gone;
  };
  return {
    name,
    pid,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM', 'SIGKILL'),
    pause: () => process.kill(pid(), 'SIGSTOP'),
    resume: () => process.kill(pid(), 'SIGCONT'),
    log: () => readFileSync(logFile, 'utf8'),
    async start() {
      const log = openSync(logFile, 'a');
      // A test that is killed leaves nothing behind.
      child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], { stdio: ['ignore', log, log] });
      closeSync(log);
      await once(child, 'spawn');
    },
  };
}

/**
 * Asks again and again whether a program that was started is ready.
 * @throws with the end of its log when it has ended, or is not ready after 120 s.
 */
export async function untilReady(program: Program, isReady: () => Promise<boolean>, pauseMs: number): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await isReady())) {
    try {
      program.pid();
      if (performance.now() > deadline) throw new Error(`${program.name} is not ready after 120 s`);
    } catch (error) {
      throw new Error(`${(error as Error).message}; its log ends with:\n${program.log().slice(-2_000)}`);
    }
    await sleep(pauseMs);
  }
}
