import { isObject } from './form.ts';
import type { Path } from './path.ts';

const longest = 60;

/** Fields below which a value may be a secret, whatever the form says it should be. */
const confidential = new Set(['env', 'files', 'requestHeaders', 'responseHeaders', 'headers', 'command', 'args']);

/** Whether a value at this path is only described, never shown. */
export function isConfidential(path: Path): boolean {
  return path.some((step) => typeof step === 'string' && confidential.has(step));
}

/** A value as a problem tells it: at most 60 characters, objects by their fields, possible secrets by their size. */
export function show(value: unknown, path: Path): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string')
    return isConfidential(path) ? sizeOf(value) : shorten(JSON.stringify(masked(value.slice(0, 300))));
  if (typeof value === 'number' || typeof value === 'boolean')
    return isConfidential(path) ? `a ${typeof value}` : String(value);
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (isObject(value)) return showObject(value);
  return typeof value === 'symbol' ? 'a value that throws when it is read' : `a ${typeof value}`;
}

/** The name of a field, quoted and shortened. */
export function showName(name: string): string {
  return shorten(JSON.stringify(name));
}

function showObject(value: Readonly<Record<string, unknown>>): string {
  const keys = Object.keys(value);
  return keys.length === 0 ? 'an empty object' : shorten(`an object with ${keys.join(', ')}`);
}

function sizeOf(text: string): string {
  return `a string of ${text.length} characters`;
}

/** User info of a URL is a password more often than not. */
function masked(text: string): string {
  return text.replace(/\/\/[^/@\s]*@/g, '//***@');
}

function shorten(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
