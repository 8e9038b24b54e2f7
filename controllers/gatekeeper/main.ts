import { parseFlags } from './flags.ts';
import { startGatekeeper } from './gatekeeper.ts';
import { jsonLog } from './log.ts';

/** Runs until SIGTERM or SIGINT has drained it. Exit code 2: wrong flags; 3: a port cannot be listened on. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args);
  if (!parsed.ok) {
    process.stderr.write(`${parsed.problems.join('\n')}\n`);
    return 2;
  }
  const log = jsonLog((line) => process.stdout.write(line), Date.now);
  const monotonicMs = () => performance.now();
  try {
    const gatekeeper = await startGatekeeper(parsed.flags, { wallMs: Date.now, monotonicMs, log });
    const signal = await firstSignal();
    log('info', 'signal', { signal });
    await gatekeeper.drain();
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
