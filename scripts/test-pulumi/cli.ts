import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type Variables = Readonly<Record<string, string | undefined>>;

/** The plugins that the stacks of a local cluster need. */
const plugins = ['kubernetes', 'random'] as const;

/** How the CLI is started. */
export interface CliPlace {
  /** Folder of the project. */
  readonly project: string;
  readonly env: Variables;
  /** Gets what the CLI writes. */
  readonly write: (text: string) => void;
  /** Fires when the user interrupts: the CLI is asked once to end in an orderly way. */
  readonly signal: AbortSignal;
}

/** What a command left. */
export interface CliResult {
  readonly code: number | null;
  /** Standard output and error, as they came. */
  readonly text: string;
}

/** The path of a program by `PATH`; undefined where it is not. */
export function onPath(program: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * `PATH` by which the CLI finds the plugins, whether they are on it already or were installed by `pulumi plugin
 * install`; and the names of those that are nowhere. Of several installed versions, the wanted one comes first.
 * @param versions the versions of the packages, by plugin
 */
export function pluginPath(
  env: Variables,
  versions: Readonly<Record<string, string>>,
): { readonly path: string; readonly missing: readonly string[] } {
  const path = env.PATH ?? '';
  const installed = join(env.PULUMI_HOME ?? join(env.HOME ?? '/', '.pulumi'), 'plugins');
  const found = plugins.map((name) => {
    const program = `pulumi-resource-${name}`;
    if (onPath(program, path) !== undefined) return { name, folder: '' };
    const wanted = `resource-${name}-v${versions[name]}`;
    const [folder] = (existsSync(installed) ? readdirSync(installed) : [])
      .filter((one) => one.startsWith(`resource-${name}-v`) && isExecutable(join(installed, one, program)))
      .toSorted((a, b) => Number(b === wanted) - Number(a === wanted) || (a < b ? 1 : -1));
    return { name, folder: folder === undefined ? undefined : join(installed, folder) };
  });
  const folders = found.flatMap(({ folder }) => (folder === undefined || folder === '' ? [] : [folder]));
  return {
    path: [path, ...folders].join(delimiter),
    missing: found.flatMap(({ name, folder }) => (folder === undefined ? [name] : [])),
  };
}

/** The longest a command may take, milliseconds: a whole stack from nothing. */
const patienceMs = 1_200_000;

/**
 * Runs the CLI and gives what it left, whatever its exit code.
 * @throws when it cannot be started, hangs, or is interrupted.
 */
export function runPulumi({ project, env, write, signal }: CliPlace, args: readonly string[]): Promise<CliResult> {
  signal.throwIfAborted();
  write(`$ pulumi ${args.join(' ')}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn('pulumi', [...args, '--color', 'never', '--non-interactive'], {
      cwd: project,
      env: { ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C of a terminal reaches it through us alone. At a second one the CLI drops its state.
      detached: true,
    });
    let text = '';
    const keep = (chunk: Buffer) => {
      text += chunk.toString();
      write(chunk.toString());
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const interrupt = () => void child.kill('SIGINT');
    signal.addEventListener('abort', interrupt, { once: true });
    const timer = setTimeout(interrupt, patienceMs);
    child.on('error', reject);
    child.on('close', (code, by) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
      if (signal.aborted) reject(signal.reason);
      else if (by === null) resolve({ code, text });
      else reject(new Error(`pulumi ${args.join(' ')}: ended by ${by}`));
    });
  });
}
