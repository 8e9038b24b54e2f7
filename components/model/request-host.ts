import type { HostMatch } from './route-match.ts';

/**
 * The host of a request in the one form that is compared: lower case, without port and trailing dot; empty when there
 * is none. null: not a host at all. Letters are folded as ASCII only, so that no other character turns into one.
 */
export function readHost(field: string): string | null {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]*)(?::[0-9]*)?$/.exec(field);
  if (match?.[1] === undefined) return null;
  const name = match[1].toLowerCase();
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  const wrong = bare.length > 253 || bare.startsWith('.') || bare.endsWith('.') || bare.includes('..') || name === '.';
  return wrong ? null : bare;
}

/** Whether a host as `readHost` gives it is one of the route's. A wildcard stands for exactly one label. */
export function hostMatches(host: HostMatch, name: string): boolean {
  switch (host.kind) {
    case 'exact':
      return host.name === name;
    case 'wildcard': {
      const dot = name.indexOf('.');
      return dot > 0 && name.slice(dot + 1) === host.suffix;
    }
    case 'any':
      return true;
    default:
      return host satisfies never;
  }
}
