import type { Path } from '../rules/fields.ts';

/** A value that is not known yet was read. */
export class UnknownValue extends Error {
  /** `urn` tells whose value. */
  constructor(
    readonly urn: string,
    readonly path: Path,
  ) {
    super('this value is known only once it is deployed');
    this.name = 'UnknownValue';
  }
}
