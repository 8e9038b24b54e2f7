import { createMetrics as createFamilies, type Metrics as Families } from '../loop/metrics.ts';
import type { Outcome, Scheme } from './decide.ts';

/** A request that ended before it was a check. */
export type Refusal = 'notFound' | 'badMessage' | 'headTooLarge' | 'timeout' | 'tooManyConnections' | 'fault';

/** Counts since the start of the process. Labels are closed lists, so a caller cannot add a series. */
export interface Metrics {
  /** One check decided, and how long it took in milliseconds. */
  readonly checked: (scheme: Scheme, outcome: Outcome, elapsedMs: number) => void;
  readonly refused: (reason: Refusal) => void;
  /** Prometheus text format 0.0.4. */
  readonly render: (gauges: Gauges) => string;
}

/** What is so at the moment of a scrape. */
export interface Gauges {
  readonly keysUsable: number;
  readonly keysRotating: number;
  readonly keysFaulty: number;
  readonly secretsReadable: boolean;
  readonly draining: boolean;
  readonly connections: number;
}

const bucketsMs = [0.05, 0.1, 0.25, 0.5, 1, 5, 25];

export function createMetrics(): Metrics {
  const metrics = createFamilies('edgeplane_gatekeeper_');
  const checks = metrics.counter('checks_total', 'Checks decided.');
  const refusals = metrics.counter('refused_total', 'Requests that ended before they were a check.');
  const bounds = bucketsMs.map((ms) => ms / 1_000);
  const help = 'Time from the complete request head to the answer.';
  const duration = metrics.histogram('check_duration_seconds', help, bounds);
  let now: Gauges | null = null;
  declareGauges(metrics, () => now);
  return {
    checked(scheme, outcome, elapsedMs) {
      checks.add({ scheme, outcome });
      duration.observe(elapsedMs / 1_000);
    },
    refused: (reason) => refusals.add({ reason }),
    render(gauges) {
      now = gauges;
      return metrics.render();
    },
  };
}

function declareGauges(metrics: Families, now: () => Gauges | null): void {
  metrics.gauge('keys', 'Mounted keys; faulty ones answer 503.', () => [
    { labels: { state: 'usable' }, value: now()?.keysUsable ?? 0 },
    { labels: { state: 'rotating' }, value: now()?.keysRotating ?? 0 },
    { labels: { state: 'faulty' }, value: now()?.keysFaulty ?? 0 },
  ]);
  const readable = () => Number(now()?.secretsReadable ?? false);
  metrics.gauge('secrets_readable', '1 if the secrets folder could be read.', readable);
  metrics.gauge('draining', '1 after SIGTERM.', () => Number(now()?.draining ?? false));
  metrics.gauge('connections', 'Open connections on the port of the checks.', () => now()?.connections ?? 0);
}
