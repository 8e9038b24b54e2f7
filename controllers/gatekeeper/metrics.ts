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
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

const prefix = 'edgeplane_gatekeeper_';
const bucketsMs = [0.05, 0.1, 0.25, 0.5, 1, 5, 25];

export function createMetrics(): Metrics {
  const checks = new Map<string, number>();
  const refusals = new Map<string, number>();
  const buckets = bucketsMs.map(() => 0);
  let [count, sumMs] = [0, 0];
  return {
    checked(scheme, outcome, elapsedMs) {
      increase(checks, `scheme="${scheme}",outcome="${outcome}"`);
      const fits = bucketsMs.findIndex((bound) => elapsedMs <= bound);
      if (fits !== -1) buckets[fits] = (buckets[fits] ?? 0) + 1;
      count += 1;
      sumMs += elapsedMs;
    },
    refused: (reason) => increase(refusals, `reason="${reason}"`),
    render: (gauges) =>
      [
        ...family('checks_total', 'counter', 'Checks decided.', checks),
        ...family('refused_total', 'counter', 'Requests that ended before they were a check.', refusals),
        ...histogram(buckets, count, sumMs),
        ...renderGauges(gauges),
        '',
      ].join('\n'),
  };
}

function increase(counts: Map<string, number>, labels: string): void {
  counts.set(labels, (counts.get(labels) ?? 0) + 1);
}

function family(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  values: ReadonlyMap<string, number>,
): readonly string[] {
  const lines = [...values].map(([labels, value]) => `${prefix}${name}${labels === '' ? '' : `{${labels}}`} ${value}`);
  return [`# HELP ${prefix}${name} ${help}`, `# TYPE ${prefix}${name} ${type}`, ...lines];
}

function histogram(buckets: readonly number[], count: number, sumMs: number): readonly string[] {
  const name = `${prefix}check_duration_seconds`;
  const sums = buckets.map((_, index) => buckets.slice(0, index + 1).reduce((sum, value) => sum + value, 0));
  return [
    `# HELP ${name} Time from the complete request head to the answer.`,
    `# TYPE ${name} histogram`,
    ...bucketsMs.map((bound, index) => `${name}_bucket{le="${bound / 1000}"} ${sums[index]}`),
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sumMs / 1000}`,
    `${name}_count ${count}`,
  ];
}

function renderGauges(gauges: Gauges): readonly string[] {
  const one = (value: number) => new Map([['', value]]);
  const keys = new Map([
    ['state="usable"', gauges.keysUsable],
    ['state="rotating"', gauges.keysRotating],
    ['state="faulty"', gauges.keysFaulty],
  ]);
  return [
    ...family('keys', 'gauge', 'Mounted keys; faulty ones answer 503.', keys),
    ...family(
      'secrets_readable',
      'gauge',
      '1 if the secrets folder could be read.',
      one(Number(gauges.secretsReadable)),
    ),
    ...family('draining', 'gauge', '1 after SIGTERM.', one(Number(gauges.draining))),
    ...family('connections', 'gauge', 'Open connections on the port of the checks.', one(gauges.connections)),
    '# HELP process_cpu_seconds_total CPU time of the process.',
    '# TYPE process_cpu_seconds_total counter',
    `process_cpu_seconds_total ${gauges.cpuSeconds}`,
    '# HELP process_resident_memory_bytes Memory of the process.',
    '# TYPE process_resident_memory_bytes gauge',
    `process_resident_memory_bytes ${gauges.residentBytes}`,
  ];
}
