import type { Exceptions } from '../vector.ts';

/** Nobody is let in: a tag would show the password hashes to all of Consul. */
const closed: Exceptions[string] = { capability: 'basic-auth', expect: { status: 403, service: null } };

/** What the internal edge answers otherwise: losses that are accepted here. */
export const catalogExceptions: Exceptions = {
  C49: closed,
  C50: closed,
  C51: closed,
  V62: { capability: 'timeouts', expect: { status: 200, service: 'a' } },
};
