/** One number that a bench found, and the most it may be. */
export interface Measurement {
  readonly what: string;
  readonly found: number;
  readonly unit: string;
  readonly atMost: number;
}

/** A measurement in one line. */
export function lineOf({ what, found, unit, atMost }: Measurement): string {
  const verdict = found <= atMost ? 'met' : 'MISSED';
  return `  ${what.padEnd(44)} ${found.toFixed(2).padStart(7)} ${unit.padEnd(4)} at most ${atMost}: ${verdict}`;
}

/** Gives back how long work took, in seconds. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** The middle value; of an even number of values the upper of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  return quantileOf(values, 0.5);
}

/** The value that this share of the values is not above. @throws when there are none. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined) throw new Error('there is no quantile of no values');
  return value;
}
