/** Label names and their values. Values come from closed lists of the program, so that nobody outside adds a series. */
export type Labels = Readonly<Record<string, string>>;

/** Counts since the start of the process. */
export interface Counter {
  /** @param by at least 0. @default 1 */
  readonly add: (labels?: Labels, by?: number) => void;
}

/** How often values fell below each bound, with their sum. */
export interface Histogram {
  readonly observe: (value: number) => void;
}

/** One value of a gauge. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** The metrics of one program, in Prometheus text format 0.0.4. */
export interface Metrics {
  readonly counter: (name: string, help: string) => Counter;
  /** `read` is called at each scrape. */
  readonly gauge: (name: string, help: string, read: () => number | readonly Sample[]) => void;
  /** @param bounds upper bounds, ascending, in the unit of the values; seconds for durations. */
  readonly histogram: (name: string, help: string, bounds: readonly number[]) => Histogram;
  /** In the order in which they were made. */
  readonly render: () => string;
}

/** @param prefix stands before every name, as `edgeplane_router_`. */
export function createMetrics(prefix: string): Metrics {
  const families: (() => readonly string[])[] = [];
  return {
    counter(name, help) {
      const values = new Map<string, number>();
      families.push(() => family(`${prefix}${name}`, 'counter', help, values));
      return {
        add: (labels = {}, by = 1) => {
          const key = labelText(labels);
          values.set(key, (values.get(key) ?? 0) + by);
        },
      };
    },
    gauge(name, help, read) {
      families.push(() => family(`${prefix}${name}`, 'gauge', help, gaugeValues(read())));
    },
    histogram(name, help, bounds) {
      const counts = bounds.map(() => 0);
      let [count, sum] = [0, 0];
      families.push(() => histogramLines(`${prefix}${name}`, help, { bounds, counts, count, sum }));
      return {
        observe(value) {
          const fits = bounds.findIndex((bound) => value <= bound);
          if (fits !== -1) counts[fits] = (counts[fits] ?? 0) + 1;
          count += 1;
          sum += value;
        },
      };
    },
    render: () => [...families.flatMap((lines) => lines()), ...processLines(), ''].join('\n'),
  };
}

const gaugeValues = (read: number | readonly Sample[]) =>
  new Map(
    (typeof read === 'number' ? [{ value: read }] : read).map(({ labels, value }) => [labelText(labels ?? {}), value]),
  );

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (character) => escapes[character] ?? character)}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function family(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  values: ReadonlyMap<string, number>,
): readonly string[] {
  const lines = [...values].map(([labels, value]) => `${name}${labels} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

interface Observed {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

function histogramLines(name: string, help: string, { bounds, counts, count, sum }: Observed): readonly string[] {
  const upTo = (index: number) => counts.slice(0, index + 1).reduce((total, value) => total + value, 0);
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...bounds.map((bound, index) => `${name}_bucket{le="${bound}"} ${upTo(index)}`),
    `${name}_bucket{le="+Inf"} ${count}`,
    `${name}_sum ${sum}`,
    `${name}_count ${count}`,
  ];
}

function processLines(): readonly string[] {
  const { user, system } = process.cpuUsage();
  return [
    '# HELP process_cpu_seconds_total CPU time of the process.',
    '# TYPE process_cpu_seconds_total counter',
    `process_cpu_seconds_total ${(user + system) / 1e6}`,
    '# HELP process_resident_memory_bytes Memory of the process.',
    '# TYPE process_resident_memory_bytes gauge',
    `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
  ];
}
