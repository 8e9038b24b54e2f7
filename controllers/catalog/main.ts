import { hostname } from 'node:os';
import { kubeconfigAccess, podAccess } from '../loop/access.ts';
import { systemClock } from '../loop/clock.ts';
import { jsonLog } from '../loop/log.ts';
import { untilSignal } from '../loop/program.ts';
import { parseFlags } from './flags.ts';
import { startPublisher } from './program.ts';
import { removeAll } from './remove-all.ts';

/** Runs until SIGTERM or SIGINT. Exit code 2: wrong flags; 3: it could not start, or could not remove everything. */
async function main(args: readonly string[]): Promise<number> {
  const parsed = parseFlags(args);
  if (!parsed.ok) {
    process.stderr.write(`${parsed.problems.join('\n')}\n`);
    return 2;
  }
  const { flags } = parsed;
  if (flags.removeAll) {
    const log = jsonLog((line) => process.stdout.write(line), Date.now);
    return removeAll(flags, { instance: hostname(), clock: systemClock, log });
  }
  return untilSignal(async (log) => {
    const access = flags.kubeconfig === null ? podAccess(process.env) : await kubeconfigAccess(flags.kubeconfig);
    const publisher = await startPublisher(flags, { access, instance: hostname(), clock: systemClock, log });
    return publisher.stop;
  });
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  () => process.exit(3),
);
