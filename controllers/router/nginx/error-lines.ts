/** One line of nginx's error log, fit for ours. */
export interface ErrorLine {
  readonly level: string;
  readonly message: string;
}

/** `2026/11/21 14:28:09 [warn] 12#12: *3 message` */
const shape = /^\d{4}\/\d{2}\/\d{2} \d{2}:\d{2}:\d{2} \[([a-z]+)\] \d+#\d+: (?:\*\d+ )?(.*)$/;

/**
 * Reads a line of nginx's standard error. Queries and referrers are cut out: callers put tokens there.
 */
export function readErrorLine(line: string): ErrorLine {
  const [, level = 'error', message = line] = shape.exec(line) ?? [];
  const shown = message
    .replace(/, referrer: ".*?"(?=,|$)/g, '')
    .replace(/\?[^\s"]*/g, '?…')
    .slice(0, 1000);
  return { level, message: shown };
}

/** Calls back for each whole line of a stream of chunks; a line longer than `most` is cut. */
export function byLine(onLine: (line: string) => void, most = 16_384): (chunk: Buffer | string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = (lines.pop() ?? '').slice(0, most);
    for (const line of lines) if (line !== '') onLine(line.slice(0, most));
  };
}
