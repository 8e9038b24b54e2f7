import { parseFlags } from './flags.ts';
import { startGatekeeper } from './gatekeeper.ts';
import { jsonLog, type Log } from './log.ts';
import { parseSidecarFlags } from './sidecar/flags.ts';
import { startSidecar } from './sidecar/sidecar.ts';

/** Runs until SIGTERM or SIGINT has drained it. Exit code 2: wrong flags; 3: a port cannot be listened on. */
async function main([mode, ...rest]: readonly string[]): Promise<number> {
  return mode === 'sidecar' ? sidecar(rest) : gatekeeper(mode === undefined ? [] : [mode, ...rest]);
}

async function gatekeeper(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args);
  if (!parsed.ok) return wrongFlags(parsed.problems);
  const monotonicMs = () => performance.now();
  return untilSignal(async (log) => {
    const running = await startGatekeeper(parsed.flags, { wallMs: Date.now, monotonicMs, log });
    return running.drain;
  });
}

/** Beside Traefik in the edge pod: `sidecar [--port=N] [--health-port=N]`. */
async function sidecar(args: readonly string[]): Promise<number> {
  const parsed = parseSidecarFlags(args);
  if (!parsed.ok) return wrongFlags(parsed.problems);
  return untilSignal(async (log) => (await startSidecar(parsed.flags, log)).stop);
}

function wrongFlags(problems: readonly string[]): number {
  process.stderr.write(`${problems.join('\n')}\n`);
  return 2;
}

/** Starts, waits for a signal, and stops by what starting gave. */
async function untilSignal(start: (log: Log) => Promise<() => Promise<void>>): Promise<number> {
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

/** A second signal is left to its default: it ends the process at once. */
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

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  () => process.exit(3),
);
