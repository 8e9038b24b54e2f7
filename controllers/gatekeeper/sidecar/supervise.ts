import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../loop/log.ts';

/** The program that is kept running, and what counts as failing to start. */
export interface Supervised {
  readonly command: string;
  readonly args: readonly string[];
  /** Ended sooner than this, it did not start; milliseconds. @default 1000 */
  readonly startedAfterMs?: number;
  /** Gives up after so many starts in a row that did not last. @default 5 */
  readonly attempts?: number;
}

/** A program that is started again whenever it ends. */
export interface Supervision {
  /** Process id of the program now; undefined between two. */
  readonly pid: () => number | undefined;
  /** The exit code once it has given up: the program's own, 3 where a signal ended it. Never settles after `stop`. */
  readonly gaveUp: Promise<number>;
  /** Hands SIGTERM on and waits for the end. */
  readonly stop: () => Promise<void>;
}

/**
 * Keeps a program running below the process that the kubelet watches. A container that ends takes its pod out of the
 * Service, and with it the door of that node, open routes included; a program that ends below is back in a moment and
 * nobody else notices.
 */
export function supervise(program: Supervised, log: Log): Supervision {
  const { command, args, startedAfterMs = 1_000, attempts = 5 } = program;
  let child: ReturnType<typeof spawn> | null = null;
  let stopping = false;
  const runOnce = async (): Promise<{ readonly code: number; readonly lasted: boolean }> => {
    const started = performance.now();
    child = spawn(command, args, { stdio: 'inherit' });
    const [code, signal] = await once(child, 'exit');
    child = null;
    if (!stopping) log('error', 'ended', { code: code ?? signal });
    return { code: code ?? 3, lasted: performance.now() - started >= startedAfterMs };
  };
  const keep = async (): Promise<number | null> => {
    for (let failed = 0; ; ) {
      const { code, lasted } = await runOnce();
      if (stopping) return null;
      failed = lasted ? 0 : failed + 1;
      if (failed >= attempts) return code;
      if (!lasted) await sleep(startedAfterMs);
      if (stopping) return null;
    }
  };
  const kept = keep();
  return {
    pid: () => child?.pid,
    gaveUp: kept.then((code) => code ?? new Promise<number>(() => {})),
    stop: async () => {
      stopping = true;
      child?.kill('SIGTERM');
      await kept;
    },
  };
}
