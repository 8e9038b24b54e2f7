import type { Pending } from './pending.ts';

/** Where a display goes. */
export interface DisplaySink {
  readonly isTTY: boolean;
  /** Width and height of the terminal now: it may change while one waits. */
  readonly columns: () => number;
  readonly rows: () => number;
  readonly write: (text: string) => void;
}

/** Shows what is pending, again and again. */
export interface PendingDisplay {
  readonly show: (pending: readonly Pending[], logLines: ReadonlyMap<string, string>) => void;
  /** Takes away what a terminal shows; says how long it took. */
  readonly end: () => void;
}

/** The lines for what is pending: what, why, and the last line of its log where there is one. */
export function pendingLines(pending: readonly Pending[], logLines: ReadonlyMap<string, string>): readonly string[] {
  const width = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length));
  const [whats, whys] = [width(pending.map(({ what }) => what)), width(pending.map(({ why }) => why))];
  return pending.map(({ what, why, detail }) => {
    const log = logLines.get(what);
    return `${what.padEnd(whats)}  ${why.padEnd(whys)}  ${detail}${log === undefined ? '' : ` | log: ${log}`}`;
  });
}

/**
 * On a terminal the lines are redrawn in place. Elsewhere a line is written when a thing becomes pending for another
 * reason, or ready, with the time since the start.
 */
export function createPendingDisplay(sink: DisplaySink, now: () => number = Date.now): PendingDisplay {
  const started = now();
  const seconds = () => `${((now() - started) / 1000).toFixed(0)} s`;
  return sink.isTTY ? redrawn(sink, seconds) : written(sink, seconds);
}

function redrawn({ write, columns, rows }: DisplaySink, seconds: () => string): PendingDisplay {
  let drawn = 0;
  const clear = () => (drawn === 0 ? '' : `\x1b[${drawn}A\x1b[J`);
  return {
    show: (pending, logLines) => {
      const head = `waiting for ${pending.length}, ${seconds()}`;
      const all = pending.length === 0 ? [] : [head, ...pendingLines(pending, logLines).map((line) => `  ${line}`)];
      const lines = shortened(all, Math.max(2, rows() - 1));
      write(`${clear()}${lines.map((line) => `${line.slice(0, Math.max(1, columns() - 1))}\n`).join('')}`);
      drawn = lines.length;
    },
    end: () => {
      write(`${clear()}ok      apps (${seconds()})\n`);
      drawn = 0;
    },
  };
}

/** What has left the top of a terminal cannot be redrawn: as many lines as it has, the last saying what is not shown. */
function shortened(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `  and ${lines.length - most + 1} more`];
}

function written({ write }: DisplaySink, seconds: () => string): PendingDisplay {
  const told = new Map<string, string>();
  return {
    show: (pending, logLines) => {
      const now = new Set(pending.map(({ what }) => what));
      for (const what of [...told.keys()].filter((known) => !now.has(known))) {
        told.delete(what);
        write(`[${seconds()}] ${what}: ready\n`);
      }
      for (const one of pending.filter(({ what, why }) => told.get(what) !== why)) {
        told.set(one.what, one.why);
        const log = logLines.get(one.what);
        write(`[${seconds()}] ${one.what}: ${one.why}: ${one.detail}${log === undefined ? '' : ` | log: ${log}`}\n`);
      }
    },
    end: () => {
      if (told.size > 0) write(`[${seconds()}] all ready\n`);
    },
  };
}
