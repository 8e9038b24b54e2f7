import { Command, CommanderError } from 'commander';
import { ExitError, exitCodes } from './exit-codes.ts';

/** A verb before it is asked for: its code is loaded then, so that a quick verb does not wait for the others'. */
interface VerbRow {
  readonly name: string;
  readonly summary: string;
  /** Gives the function that adds the verb's operands, options, help and action to its command. */
  readonly load: () => Promise<{ readonly define: (command: Command) => Command }>;
}

/** Every verb. A new one is one more row here and one file in `verbs/` that exports `define`. */
const verbs: readonly VerbRow[] = [
  { name: 'render', summary: 'write the Kubernetes objects as YAML', load: () => import('./verbs/render.ts') },
  { name: 'check', summary: 'find mistakes and what an edge would lose', load: () => import('./verbs/check.ts') },
  { name: 'explain', summary: 'say which route a request takes, and why', load: () => import('./verbs/explain.ts') },
  { name: 'routes', summary: 'show the route table with its protection', load: () => import('./verbs/routes.ts') },
  { name: 'diff', summary: 'compare two environments, or one with a cluster', load: () => import('./verbs/diff.ts') },
  { name: 'up', summary: 'start or mend the local cluster and its apps', load: () => import('./verbs/up.ts') },
  { name: 'down', summary: 'remove the local cluster and all it made', load: () => import('./verbs/down.ts') },
  { name: 'status', summary: 'show what runs locally, and where', load: () => import('./verbs/status.ts') },
];

const conventions = `
Data goes to standard output, words to standard error.
Exit codes: 0 fine, 1 problems found, 2 wrong usage, 3 the world failed, 130 interrupted.`;

/** Commander as the table says; only the verb that is named has its code loaded. */
async function program(args: readonly string[]): Promise<Command> {
  const root = new Command('edgeplane')
    .description('One app definition, the same meaning on every Kubernetes edge')
    .addHelpText('after', conventions)
    .exitOverride();
  for (const row of verbs) {
    const command = root.command(row.name).description(row.summary).exitOverride();
    if (args.slice(0, 2).includes(row.name)) (await row.load()).define(command);
  }
  return root;
}

/** Turns whatever a verb threw into words on standard error and an exit code. */
function failure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
  process.stderr.write(`edgeplane: ${error instanceof Error ? error.message : String(error)}\n`);
  return error instanceof ExitError ? error.exitCode : exitCodes.world;
}

/** Runs the command line of this process and leaves its exit code. */
export async function start(): Promise<void> {
  const args = process.argv.slice(2);
  try {
    const root = await program(args);
    if (args.length === 0) root.help({ error: true });
    await root.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = failure(error);
  }
}
