/** A mistake in the input. Every problem of one input is reported at once, and nothing is produced while one stands. */
export interface Problem {
  /** What kind of mistake, for tests, SARIF and suppression: `unknown-field`, `route-conflict`. */
  readonly code: string;
  /** Where: the document and the place in it. */
  readonly at: Place;
  /** What stands there, shortened; never the value of a secret. */
  readonly found: string;
  /** What may stand there. */
  readonly expected: string;
  /** How to mend it, as an instruction. */
  readonly fix: string;
}

/** A place in the input as its author knows it. */
export interface Place {
  /** The definition: `app shop/cart`, `environment production`, or a file when nothing in it has a name yet. */
  readonly subject: string;
  /** Path inside it, as the author would write it: `routes[0].paths[1].prefix`. Empty for the whole. */
  readonly path: string;
  /** For definitions read from a file. Lines and columns count from 1. */
  readonly source?: { readonly file: string; readonly line: number; readonly column: number };
}

/** Something an edge cannot keep. It stops the run unless the environment accepts it by name, place and reason until a day. */
export interface Loss {
  /** Stable name, from the capability table: `traefik/unknown-host-close`. */
  readonly name: string;
  /** The route or app that loses something. */
  readonly at: Place;
  /** What the definition asks for. */
  readonly asked: string;
  /** What this edge would do instead. */
  readonly instead: string;
  /** What the author can do. */
  readonly fix: string;
}

/** Either a value, or every problem that stands in its way (never an empty list). */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** One line a person can act on: `where: found X, expected Y. Fix.` */
export function formatProblem(problem: Problem): string {
  const { subject, path, source } = problem.at;
  const place = path === '' ? subject : `${subject}, ${path}`;
  const where = source === undefined ? place : `${source.file}:${source.line}:${source.column}: ${place}`;
  return `${where}: found ${problem.found}, expected ${problem.expected}. ${problem.fix}`;
}
