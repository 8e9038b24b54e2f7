import { untilSignal } from '../loop/program.ts';
import { parseFlags } from './flags.ts';
import { startGatekeeper } from './gatekeeper.ts';
import { parseSidecarFlags } from './sidecar/flags.ts';
import { startSidecar } from './sidecar/sidecar.ts';
import { supervise } from './sidecar/supervise.ts';

/** Runs until SIGTERM or SIGINT has drained it. Exit code 2: wrong flags; 3: a port cannot be listened on. */
async function main([mode, ...rest]: readonly string[]): Promise<number> {
  switch (mode) {
    case 'sidecar':
      return supervisedSidecar(rest);
    case answering:
      return sidecar(rest);
    default:
      return gatekeeper(mode === undefined ? [] : [mode, ...rest]);
  }
}

/** The mode of the sidecar's process that answers. */
const answering = 'sidecar-answering';

async function gatekeeper(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args);
  if (!parsed.ok) return wrongFlags(parsed.problems);
  const monotonicMs = () => performance.now();
  return untilSignal(async (log) => {
    const running = await startGatekeeper(parsed.flags, { wallMs: Date.now, monotonicMs, log });
    return running.drain;
  });
}

/** Beside Traefik in the edge pod: `sidecar [--port=N] [--health-port=N]`. Keeps the process that answers running. */
async function supervisedSidecar(args: readonly string[]): Promise<number> {
  const parsed = parseSidecarFlags(args);
  if (!parsed.ok) return wrongFlags(parsed.problems);
  const [, program = ''] = process.argv;
  const gaveUp = new Promise<number>((resolve, reject) => {
    untilSignal(async (log) => {
      const running = supervise({ command: process.execPath, args: [program, answering, ...args] }, log);
      running.gaveUp.then(resolve, reject);
      return running.stop;
    }).then(resolve, reject);
  });
  return gaveUp;
}

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
