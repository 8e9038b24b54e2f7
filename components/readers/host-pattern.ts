import type { HostMatch } from '../model/route-match.ts';
import type { NoteText } from './kube-object.ts';

interface HostReading {
  readonly host: HostMatch;
  readonly fit: 'same' | 'wider' | 'narrower';
  /** Any number of labels stands before the suffix. */
  readonly deep: boolean;
  readonly note: NoteText | null;
}

/** A host as DNS writes it: `shop.example.org`, `*.example.org`, empty or `*` for every host. */
export function readHostName(text: string): HostMatch {
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
  if (name === '' || name === '*') return { kind: 'any' };
  return name.startsWith('*.') ? { kind: 'wildcard', suffix: name.slice(2) } : { kind: 'exact', name };
}

/** One label by any expression people write for it. */
const oneLabel = /^(?:\[\^\.\]|\[a-z0-9-\]|\[a-zA-Z0-9-\]|\[\\w-\])\+\\\.(.+)$/;
const manyLabels = /^(?:\.\+|\.\*)\\\.(.+)$/;

/** The host of a `Host` or `HostRegexp`, with a note where an expression says more than a wildcard. */
export function readHostPattern(text: string, isRegexp: boolean): HostReading {
  if (!isRegexp) return { host: readHostName(text), fit: 'same', deep: false, note: null };
  if (/^\{[^{}]*\}/.test(text)) return template(text);
  const body = text
    .replace(/^\(\?i\)/, '')
    .replace(/^\^/, '')
    .replace(/\$$/, '');
  const single = suffixOf(oneLabel.exec(body));
  const anchored = /^(?:\(\?i\))?\^.*\$$/.test(text);
  if (single !== null && anchored)
    return { host: { kind: 'wildcard', suffix: single }, fit: 'same', deep: false, note: null };
  const many = suffixOf(manyLabels.exec(body)) ?? single;
  if (many !== null) return widened(text, many);
  const name = anchored ? plainName(body) : null;
  if (name !== null) return { host: { kind: 'exact', name }, fit: 'same', deep: false, note: null };
  if (body === '.+' || body === '.*') return { host: { kind: 'any' }, fit: 'same', deep: false, note: null };
  return {
    host: { kind: 'any' },
    fit: 'narrower',
    deep: false,
    note: hostNote(text, 'fewer hosts than every host, as is told'),
  };
}

/** A template of Traefik 2, which Traefik 3 takes as an expression that matches no host people have. */
function template(text: string): HostReading {
  const suffix = /^\{[^{}]*\}\.([a-zA-Z0-9.-]+)$/.exec(text)?.[1];
  const host: HostMatch = suffix === undefined ? { kind: 'any' } : { kind: 'wildcard', suffix: suffix.toLowerCase() };
  return {
    host,
    fit: 'narrower',
    deep: false,
    note: hostNote(text, 'hosts by a template of Traefik 2, which Traefik 3 does not know'),
  };
}

function widened(text: string, suffix: string): HostReading {
  const host: HostMatch = { kind: 'wildcard', suffix: suffix.toLowerCase() };
  return { host, fit: 'wider', deep: true, note: hostNote(text, `more hosts than *.${suffix}, as is told`) };
}

function hostNote(text: string, difference: string): NoteText {
  return {
    code: 'host-expression',
    found: `the host expression ${JSON.stringify(text)}`,
    expected: 'a host name, or *. and a suffix for one label',
    fix: `Name the hosts: this expression takes ${difference} here.`,
  };
}

function suffixOf(match: RegExpExecArray | null): string | null {
  return match?.[1] === undefined ? null : plainName(match[1]);
}

/** A host name with its dots escaped, as a name. */
function plainName(expression: string): string | null {
  const name = expression.replaceAll('\\.', '.');
  return /^[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*$/.test(name) ? name.toLowerCase() : null;
}
