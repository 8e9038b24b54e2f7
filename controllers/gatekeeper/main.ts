import { untilSignal } from '../loop/program.ts';
import { parseFlags } from './flags.ts';
import { startGatekeeper } from './gatekeeper.ts';
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

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  () => process.exit(3),
);
