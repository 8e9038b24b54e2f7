import type { Path } from './path.ts';

/** A problem before it is known where its definition stands. */
export interface Finding {
  readonly code: string;
  readonly path: Path;
  readonly found: string;
  readonly expected: string;
  readonly fix: string;
}
