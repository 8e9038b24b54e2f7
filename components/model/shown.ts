import { isObject } from './form.ts';
import type { Path } from './path.ts';

const longest = 60;

/** Fields below which a value may be a secret, whatever the form says it should be. */
const confidential: ReadonlySet<string | number> = new Set(['env', 'files', 'command', 'args', 'set']);

/** Whether a value at this path is only described, never shown. A list of header names is no secret; their values may be. */
export function isConfidential(path: Path): boolean {
  return path.some(
    (step, index) => confidential.has(step) || (step === 'headers' && typeof path[index + 1] !== 'number'),
  );
}

/** A value as a problem tells it: at most 60 characters, objects by their fields, possible secrets by their size. */
export function show(value: unknown, path: Path): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string')
    return isConfidential(path) ? sizeOf(value) : shorten(quoted(masked(value.slice(0, 300))));
  if (typeof value === 'number' || typeof value === 'boolean')
    return isConfidential(path) ? `a ${typeof value}` : String(value);
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (isObject(value)) return showObject(value);
  return typeof value === 'symbol' ? 'a value that throws when it is read' : `a ${typeof value}`;
}

/** The name of a field, quoted and shortened. */
export function showName(name: string): string {
  return shorten(quoted(name.slice(0, 300)));
}

function showObject(value: Readonly<Record<string, unknown>>): string {
  const keys = Object.keys(value);
  return keys.length === 0 ? 'an empty object' : shorten(`an object with ${keys.join(', ')}`);
}

/** Letters beyond ASCII as escapes: some look like others. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
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
