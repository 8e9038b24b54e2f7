import { spawn } from 'node:child_process';

/** A program that ran and did not succeed: which one, how it ended, and what it said last. */
export class CommandFailed extends Error {
  constructor(
    readonly program: string,
    readonly exitCode: number | undefined,
    readonly stderr: string,
  ) {
    super(`${program} ended with ${exitCode ?? 'a signal'}: ${stderr.trim().split('\n').slice(-8).join('\n')}`);
    this.name = 'CommandFailed';
  }
}

/** How a program is to be run. */
export interface CommandOptions {
  /** Written to its standard input, which is empty otherwise. */
  readonly input?: string;
  /** Replaces the whole environment. @default this process's own */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Ends the program when it fires. */
  readonly signal?: AbortSignal;
}

/** What a program left: both streams, whole. */
export interface CommandResult {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and gives back its streams, whatever its exit code. Rejects only when it cannot start. */
export function attempt(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.env ? { env: { ...options.env } } : {}),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => undefined); // A program may end without reading its input.
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({
        exitCode: code ?? undefined,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }),
    );
    child.stdin.end(options.input ?? '');
  });
}

/**
 * Runs a program and gives back what it wrote to standard output.
 * Rejects with {@link CommandFailed} when it ends with anything but 0.
 */
export async function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await attempt(program, args, options);
  if (result.exitCode !== 0) throw new CommandFailed(program, result.exitCode, result.stderr || result.stdout);
  return result.stdout;
}
