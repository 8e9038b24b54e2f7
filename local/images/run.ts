import { execFile } from 'node:child_process';

/** Runs a program to its end and gives its standard output; rejects with the end of its standard error. */
export type RunCommand = (program: string, args: readonly string[], options?: RunOptions) => Promise<string>;

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

const shownOfError = 2000;

/** A `RunCommand` over this machine's programs, with this base environment and no other. */
export function commandRunner(env: Readonly<Record<string, string | undefined>>): RunCommand {
  return (program, args, options = {}) =>
    new Promise((resolve, reject) => {
      const settings = { cwd: options.cwd, env: { ...env, ...options.env }, maxBuffer: 64 << 20 };
      const child = execFile(program, args, settings, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const missing = 'code' in error && error.code === 'ENOENT';
        const why = missing ? `${program} is not installed` : stderr.slice(-shownOfError).trim() || error.message;
        reject(new Error(`${program} ${args.slice(0, 3).join(' ')}: ${why}`));
      });
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(options.input ?? '');
    });
}
