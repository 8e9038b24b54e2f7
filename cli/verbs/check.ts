import type { Command } from 'commander';
import type { Findings } from '../finding-words.ts';
import { countFindings, type FindingsFormat, formatFindings } from '../findings.ts';
import { type CompiledInput, inputOptions } from '../input.ts';
import type { Io } from '../io.ts';
import { contextOption, type ReadInput, readInput } from '../reading.ts';
import { addVerb, type Verb } from '../verb.ts';

/** Every problem and every loss of the input, on standard output. */
export const verb: Verb = {
  operands: [],
  options: [
    ...inputOptions,
    contextOption,
    {
      flags: '--format <format>',
      description: 'how findings are written',
      choices: ['text', 'json', 'sarif'],
      fallback: 'text',
    },
  ],
  examples: [
    'edgeplane check --stack production',
    'edgeplane check -f shop.yaml --format sarif > findings.sarif',
    'edgeplane check -f ingresses.yaml',
    'edgeplane check --context staging',
  ],
  run: async (_operands, flags, io) => {
    const input = await readInput(flags, io);
    const read = await readFindings(input);
    const compiled = compiledFindings(input.compiled);
    const findings: Findings =
      read === null
        ? compiled
        : { problems: [...compiled.problems, ...read.problems], losses: compiled.losses, notes: read.notes };
    io.out(formatFindings(findings, flags.format as FindingsFormat, io.colours));
    if (input.compiled !== null) sayCompiled(input.compiled, io);
    if (read !== null) io.words(`${read.of}: ${countFindings({ ...read, losses: [] })}\n`);
    return findings.problems.length + findings.losses.length === 0 ? 0 : 1;
  },
};

function compiledFindings(compiled: CompiledInput | null): Findings {
  return compiled === null || compiled.outcome.ok ? { problems: [], losses: [] } : compiled.outcome;
}

/** Problems of existing objects apart from what is only told about them. */
async function readFindings({ reading }: ReadInput) {
  if (reading === null) return null;
  const [{ judge }, { readingWords }] = await Promise.all([
    import('../../components/readers/judge.ts'),
    import('../reading-words.ts'),
  ]);
  const judged = judge(reading);
  const told = judged.map(({ severity, ...finding }) => ({ severity, finding }));
  const of = (wanted: string) => told.filter(({ severity }) => severity === wanted).map(({ finding }) => finding);
  return { of: readingWords(reading), problems: of('error'), notes: of('note') };
}

function sayCompiled({ of, outcome }: CompiledInput, io: Io): void {
  if (!outcome.ok) {
    io.words(`${of}: ${countFindings(outcome)}\n`);
    return;
  }
  const { plan, acceptedLosses } = outcome;
  for (const { loss, acceptance } of acceptedLosses) {
    io.words(`accepted until ${acceptance.until}: ${loss.name} at ${acceptance.at} (${acceptance.reason})\n`);
  }
  io.words(`${of}: ${plan.apps.length} apps, ${plan.routes.length} routes, nothing to mend\n`);
}

export function define(command: Command): Command {
  return addVerb(command, verb);
}
