import { type Answered, expectationWords, isExpected, type Probe } from './probes.ts';

/** One route that was tried; `null` where it was not. */
export interface ProbeResult {
  readonly probe: Probe;
  readonly without: Answered | null;
  readonly with: Answered | null;
}

/** A row of the table, and of `--format json`. */
export interface ResultRow {
  readonly address: string;
  readonly host: string;
  readonly path: string;
  readonly protection: string;
  /** The answer to a caller without a credential, and to one with it; `-`: not tried. */
  readonly without: string;
  readonly with: string;
  /** `ok`, `wrong: …` or `not tried: …`. */
  readonly result: string;
}

const protectionNames: Readonly<Record<Probe['protection'], string>> = {
  open: 'open',
  forwardAuth: 'forward auth',
  apiKey: 'API key',
  bearer: 'bearer token',
  basicAuth: 'basic auth',
};

/** What is wrong with a result; empty when nothing is. */
export function wrongs({ probe, without, with: passed }: ProbeResult): readonly string[] {
  const told = (who: string, answered: Answered, expected: string) => `${who} ${answered}, expected ${expected}`;
  return [
    ...(without === null || isExpected(probe.without, without)
      ? []
      : [told('without credentials', without, expectationWords(probe.without))]),
    ...(passed === null || isExpected({ kind: 'passes' }, passed)
      ? []
      : [told('with credentials', passed, expectationWords({ kind: 'passes' }))]),
  ];
}

/** The table of all results behind one address. */
export function resultRows(address: string, results: readonly ProbeResult[]): readonly ResultRow[] {
  return results.map((result) => ({
    address,
    host: result.probe.host,
    path: result.probe.path,
    protection: protectionNames[result.probe.protection],
    without: result.without === null ? '-' : String(result.without),
    with: result.with === null ? '-' : String(result.with),
    result: verdict(result),
  }));
}

function verdict(result: ProbeResult): string {
  const found = wrongs(result);
  if (found.length > 0) return `wrong: ${found.join('; ')}`;
  if (result.probe.untried === null) return 'ok';
  return result.without === null ? `not tried: ${result.probe.untried}` : `ok; with: ${result.probe.untried}`;
}
