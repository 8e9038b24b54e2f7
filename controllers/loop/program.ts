import { jsonLog, type Log } from './log.ts';

/**
 * Starts a program, waits for SIGTERM or SIGINT, and stops it by what starting gave. Logs to standard output.
 * @returns the exit code: 0 once it has stopped, 3 when it could not start or stop.
 */
export async function untilSignal(start: (log: Log) => Promise<() => Promise<void>>): Promise<number> {
  const log = jsonLog((line) => process.stdout.write(line), Date.now);
  try {
    const stop = await start(log);
    const signal = await firstSignal();
    log('info', 'signal', { signal });
    await stop();
    return 0;
  } catch (error) {
    log('error', 'failed', { message: error instanceof Error ? error.message : String(error) });
    return 3;
  }
}

/** The first SIGTERM or SIGINT. A second one is left to its default: it ends the process at once. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals = ['SIGTERM', 'SIGINT'] as const;
    const onSignal = (signal: NodeJS.Signals) => {
      for (const name of signals) process.off(name, onSignal);
      resolve(signal);
    };
    for (const name of signals) process.on(name, onSignal);
  });
}
