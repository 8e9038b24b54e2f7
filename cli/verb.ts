import { type Command, Option } from 'commander';
import { type Io, processIo } from './io.ts';

/** One flag as commander takes it. */
export interface VerbOption {
  /** `--format <format>`, `-f, --file <path>`, `--open`. */
  readonly flags: string;
  readonly description: string;
  /** The words it may be followed by; anything else is wrong usage. */
  readonly choices?: readonly string[];
  readonly fallback?: string;
  /** May be given several times; the values come as a list. */
  readonly repeatable?: boolean;
}

/** What the command line said: flags by their long name in camelCase. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** A verb that reads and prints and changes nothing: its words as data, its work as a function of the world it gets. */
export interface Verb {
  /** Words after the verb, in order: `<method>`, `[url]`. */
  readonly operands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly VerbOption[];
  /** Printed below the options of `--help`. */
  readonly examples: readonly string[];
  /**
   * Gives the exit code: fine or problems.
   * @throws {ExitError} for a command line that makes no sense
   */
  readonly run: (operands: readonly string[], flags: Flags, io: Io) => Promise<0 | 1>;
}

/** Adds a verb's words to its command, and runs it in this process when it is called. */
export function addVerb(command: Command, verb: Verb): Command {
  for (const { name, description } of verb.operands) command.argument(name, description);
  for (const option of verb.options) command.addOption(commanderOption(option));
  command.addHelpText('after', `\nExamples:\n  ${verb.examples.join('\n  ')}`);
  return command.action(async () => {
    process.exitCode = await verb.run(command.args, command.opts<Flags>(), processIo());
  });
}

function commanderOption({ flags, description, choices, fallback, repeatable }: VerbOption): Option {
  const option = new Option(flags, description);
  if (choices !== undefined) option.choices(choices);
  if (fallback !== undefined) option.default(fallback);
  if (repeatable === true) option.argParser((value: string, all: string[] = []) => [...all, value]);
  return option;
}
