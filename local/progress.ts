/** Where progress lines go: standard error in the CLI, an array in tests. */
export interface ProgressSink {
  readonly isTTY: boolean;
  /** Width of the terminal now. @default 80 */
  readonly columns?: () => number;
  write(text: string): void;
}

/** Tells somebody who waits what is being done and for how long. */
export interface Progress {
  /** Runs `work` and reports it by name with the time it took. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** One line of words. */
  note(text: string): void;
}

/** A step shorter than this is not worth a line. */
const silentBelowMs = 300;
/** How often a long step says that it is still alive when the output is not a terminal. */
const reminderMs = 30_000;

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/**
 * On a terminal the running steps share one line that is redrawn; finished ones stay above it.
 * Elsewhere only finished steps are written, and a reminder every 30 s for those still running.
 */
export function createProgress(sink: ProgressSink, now: () => number = Date.now): Progress {
  const running = new Map<string, number>();
  const clear = () => (sink.isTTY ? '\r\x1b[K' : '');
  const current = () => [...running].map(([name, since]) => `${name} ${seconds(now() - since)}`).join(', ');
  // A line that reaches the last column goes on in the next, where it cannot be redrawn.
  const fitting = (text: string) => text.slice(0, Math.max(1, (sink.columns?.() ?? 80) - 1));
  const draw = () => sink.write(`${clear()}${running.size === 0 ? '' : fitting(`... ${current()}`)}`);
  const line = (text: string) => {
    sink.write(`${clear()}${text}\n`);
    if (sink.isTTY) draw();
  };
  const remind = () => (sink.isTTY ? draw() : line(`... ${current()}`));
  return {
    note: line,
    async step(name, work) {
      const since = now();
      running.set(name, since);
      const timer = setInterval(remind, sink.isTTY ? 250 : reminderMs);
      timer.unref();
      try {
        const result = await work();
        running.delete(name);
        if (now() - since >= silentBelowMs) line(`ok      ${name} (${seconds(now() - since)})`);
        return result;
      } catch (error) {
        running.delete(name);
        line(`failed  ${name} (${seconds(now() - since)})`);
        throw error;
      } finally {
        clearInterval(timer);
        if (sink.isTTY) draw();
      }
    },
  };
}

/** Says nothing. For callers that only want the result. */
export const silentProgress: Progress = { step: (_name, work) => work(), note: () => undefined };
