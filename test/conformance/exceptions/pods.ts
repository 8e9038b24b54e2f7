import type { Exceptions } from '../exceptions.ts';

export const podsExceptions: Exceptions = {};
