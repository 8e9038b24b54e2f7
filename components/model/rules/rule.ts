import type { Finding } from '../finding.ts';
import type { Path } from '../path.ts';

/** What fields of one definition must say together. It is judged only when the fields it reads keep to the form. */
export interface Rule<T> {
  readonly reads: readonly (keyof T & string)[];
  readonly check: (value: T) => readonly Finding[];
}

/** One broken rule, or none. */
export function unless(
  fine: boolean,
  code: string,
  path: Path,
  text: Omit<Finding, 'code' | 'path'>,
): readonly Finding[] {
  return fine ? [] : [{ code, path, ...text }];
}
