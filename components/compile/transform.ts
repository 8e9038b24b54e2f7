import type { KubeObject } from './output.ts';

/** The escape hatch: gets the compiled objects of one app and gives back those to apply. Must be pure. */
export type Transform = (objects: readonly KubeObject[]) => readonly KubeObject[];

/** One thing a transform changed, for `explain`. */
export interface Change {
  /** `namespace/app`. */
  readonly app: string;
  /** `Kind/name` of the object. */
  readonly object: string;
  /** JSON pointer (RFC 6901); empty for a whole object that was added or removed. */
  readonly pointer: string;
  readonly kind: 'added' | 'removed' | 'changed';
}
