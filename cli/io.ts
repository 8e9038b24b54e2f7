import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ExitError, exitCodes } from './exit-codes.ts';

/** Everything a verb that reads definitions does to the world outside, so that tests run verbs in their own process. */
export interface Io {
  /** Data: what a script reads. */
  readonly out: (text: string) => void;
  /** Words: what a person reads. */
  readonly words: (text: string) => void;
  /** Text of a file, or of standard input for `-`. Rejects with the system's error. */
  readonly read: (path: string) => Promise<string>;
  /** Text of the configuration of a Pulumi stack, which stands beside `stacks/`, by file name; null: there is none. */
  readonly configuration: (file: string) => Promise<string | null>;
  /** The YAML and JSON files below a folder, sorted; null for what is no folder. */
  readonly list: (path: string) => Promise<readonly string[] | null>;
  /** Standard output of a program, its exit code and what it said; code null: there is no such program. */
  readonly run: (program: string, args: readonly string[]) => Promise<ProgramResult>;
  /** Standard output is a terminal that wants colours. */
  readonly colours: boolean;
  /** The day expiries are judged by, YYYY-MM-DD (UTC). */
  readonly today: string;
}

/** How a program ended. */
export interface ProgramResult {
  readonly code: number | null;
  readonly out: string;
  readonly words: string;
}

/** A mistake in the command line. */
export function usageError(message: string): ExitError {
  return new ExitError(message, exitCodes.usage);
}

/** The real world. Reads `NO_COLOR` (no-color.org) and the clock here and nowhere deeper. */
export function processIo(): Io {
  // A reader that has seen enough (`| head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    out: (data) => void process.stdout.write(data),
    words: (message) => void process.stderr.write(message),
    read: (path) => (path === '-' ? text(process.stdin) : readFile(path, 'utf8')),
    configuration: configurationFile,
    list: filesBelow,
    run: runProgram,
    colours: process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '',
    today: new Date().toISOString().slice(0, 10),
  };
}

/** As `Io.configuration`, in this checkout. */
export async function configurationFile(file: string): Promise<string | null> {
  try {
    return await readFile(join(dirname(__dirname), file), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Folders that hold what others wrote for other programs. */
const leftAlone: ReadonlySet<string> = new Set(['.git', 'node_modules']);

async function filesBelow(path: string): Promise<readonly string[] | null> {
  const found = path === '-' ? null : await stat(path).catch(() => null);
  if (found?.isDirectory() !== true) return null;
  return (await filesIn(path)).toSorted();
}

/** Links to folders are not followed: they may lead in circles, or out of what was asked for. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const below = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return leftAlone.has(entry.name) ? [] : filesIn(path);
      const isFile =
        entry.isFile() || (entry.isSymbolicLink() && (await stat(path).catch(() => null))?.isFile() === true);
      return isFile && /\.(?:ya?ml|json)$/.test(entry.name) ? [path] : [];
    }),
  );
  return below.flat();
}

/** Waits a minute at most. Loaded when it is asked for: most calls start no program. */
async function runProgram(program: string, args: readonly string[]): Promise<ProgramResult> {
  const { execFile } = await import('node:child_process');
  return new Promise((resolve) => {
    execFile(program, [...args], { maxBuffer: 2 ** 30, timeout: 60_000 }, (error, out, words) => {
      const code =
        error === null ? 0 : typeof error.code === 'number' ? error.code : error.code === 'ENOENT' ? null : 1;
      resolve({ code, out, words });
    });
  });
}
