import { createHealthServer } from '../loop/health.ts';
import type { Log } from '../loop/log.ts';
import { close, listen } from '../loop/serve.ts';
import type { Flags } from './flags.ts';
import { createMetrics } from './metrics.ts';
import { openSecrets, type SecretStore } from './secrets.ts';
import { createCheckServer } from './server.ts';
import { standings } from './snapshot.ts';

/** A gatekeeper that answers. */
export interface Gatekeeper {
  /** Port of the checks. */
  readonly port: number;
  /** Port of health and metrics. */
  readonly healthPort: number;
  /** Reads the mounted Secrets now. */
  readonly rescan: () => Promise<void>;
  /** Unready at once, checks go on for the drain time, then both ports close when the last answer is out. */
  readonly drain: () => Promise<void>;
}

/** What the program is given from outside. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** Milliseconds that no clock change moves. */
  readonly monotonicMs: () => number;
  readonly log: Log;
  /** Time between two looks at the Secrets, milliseconds. @default 1000 */
  readonly pollMs?: number;
}

/**
 * Reads the Secrets, then listens.
 * @throws when a port cannot be listened on.
 */
export async function startGatekeeper(flags: Flags, around: Surroundings): Promise<Gatekeeper> {
  const { wallMs, monotonicMs, log, pollMs = 1_000 } = around;
  let draining = false;
  const metrics = createMetrics();
  const now = () => ({ wallMs: wallMs(), monotonicMs: monotonicMs() });
  const { secretsDir: dir, previousWindowMs } = flags;
  const secrets = await openSecrets({ dir, previousWindowMs, pollMs, now, log });
  const { snapshot, readable } = secrets;
  const onFault = (name: string) => log('error', 'fault', { name });
  const checks = createCheckServer({ snapshot, draining: () => draining, metrics, monotonicMs, onFault });
  const health = createHealthServer({
    onFault,
    unready: () => (draining ? 'draining' : readable() ? null : 'the secrets folder cannot be read'),
    metrics: () =>
      metrics.render({
        ...readKeys(secrets, monotonicMs()),
        draining,
        connections: checks.connections(),
      }),
  });
  const port = await listen(checks.server, flags.port, flags.address);
  const healthPort = await listen(health, flags.healthPort, flags.address);
  log('info', 'listening', { port, healthPort, keys: snapshot().size });
  const drainOnce = async () => {
    draining = true;
    log('info', 'draining', { drainMs: flags.drainMs });
    await new Promise((resolve) => setTimeout(resolve, flags.drainMs));
    await close(checks.server);
    await close(health);
    secrets.stop();
    log('info', 'stopped');
  };
  let drained: Promise<void> | null = null;
  const drain = () => {
    drained ??= drainOnce();
    return drained;
  };
  return { port, healthPort, rescan: secrets.rescan, drain };
}

function readKeys(secrets: SecretStore, nowMs: number) {
  const all = [...standings(secrets.snapshot(), nowMs).values()];
  const usable = all.filter((standing) => standing === 'usable').length;
  const rotating = all.filter((standing) => standing === 'rotating').length;
  return {
    keysUsable: usable,
    keysRotating: rotating,
    keysFaulty: all.length - usable - rotating,
    secretsReadable: secrets.readable(),
  };
}
