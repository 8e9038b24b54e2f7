/** Writes one event as one line of JSON. What is given is all that is written: never a secret, a header or a digest. */
export type Log = (level: 'info' | 'error', event: string, facts?: Readonly<Record<string, string | number>>) => void;

/** A log over a sink of lines, with the wall clock's time on each. */
export function jsonLog(write: (line: string) => void, wallMs: () => number): Log {
  return (level, event, facts = {}) =>
    write(`${JSON.stringify({ time: new Date(wallMs()).toISOString(), level, event, ...facts })}\n`);
}
