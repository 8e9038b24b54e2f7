import type { Command } from 'commander';
import { countFindings, type FindingsFormat, formatFindings } from '../findings.ts';
import { compileInput, inputOptions } from '../input.ts';
import { addVerb, type Verb } from '../verb.ts';

/** Every problem and every loss of the input, on standard output. */
export const verb: Verb = {
  operands: [],
  options: [
    ...inputOptions,
    {
      flags: '--format <format>',
      description: 'how findings are written',
      choices: ['text', 'json', 'sarif'],
      fallback: 'text',
    },
  ],
  examples: ['edgeplane check --stack production', 'edgeplane check -f shop.yaml --format sarif > findings.sarif'],
  run: async (_operands, flags, io) => {
    const { of, outcome } = await compileInput(flags, io);
    const findings = outcome.ok ? { problems: [], losses: [] } : outcome;
    io.out(formatFindings(findings, flags.format as FindingsFormat, io.colours));
    if (!outcome.ok) {
      io.words(`${of}: ${countFindings(outcome)}\n`);
      return 1;
    }
    const { plan, acceptedLosses } = outcome;
    for (const { loss, acceptance } of acceptedLosses) {
      io.words(`accepted until ${acceptance.until}: ${loss.name} at ${acceptance.at} (${acceptance.reason})\n`);
    }
    io.words(`${of}: ${plan.apps.length} apps, ${plan.routes.length} routes, nothing to mend\n`);
    return 0;
  },
};

export function define(command: Command): Command {
  return addVerb(command, verb);
}
