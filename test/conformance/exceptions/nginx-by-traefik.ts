import type { Exceptions } from '../exceptions.ts';

export const nginxByTraefikExceptions: Exceptions = {};
