import type { Command } from 'commander';
import { match } from '../../components/model/match.ts';
import { explain, formatFacts } from '../explanation.ts';
import { refuse } from '../findings.ts';
import { compileInput, inputOptions } from '../input.ts';
import { readRequest } from '../request-line.ts';
import { addVerb, type Verb } from '../verb.ts';

/** What happens to one request: the route that takes it, who is asked, what reaches the app, and who lost. */
export const verb: Verb = {
  operands: [
    { name: '<method>', description: 'HTTP method, as GET' },
    { name: '<url>', description: 'absolute URL; its path is taken as it is written' },
  ],
  options: [
    ...inputOptions,
    {
      flags: '--header <header>',
      description: 'a request header, as "X-Team: shop"; may be repeated',
      repeatable: true,
    },
    { flags: '--format <format>', description: 'how facts are written', choices: ['text', 'json'], fallback: 'text' },
  ],
  examples: ['edgeplane explain GET http://whoami.edgeplane.test/private'],
  run: async ([method = '', url = ''], flags, io) => {
    const headers = Array.isArray(flags.header) ? (flags.header as readonly string[]) : [];
    const request = readRequest(method, url, headers);
    const { of, outcome } = await compileInput(flags, io);
    if (!outcome.ok) return refuse(of, outcome, io);
    const { plan } = outcome;
    const answer = match(plan.routes, request, { acme: plan.environment.acme });
    if (flags.format === 'json') io.out(`${JSON.stringify({ request, outcome: answer }, null, 2)}\n`);
    else io.out(formatFacts(explain(plan, request, answer)));
    return 0;
  },
};

export function define(command: Command): Command {
  return addVerb(command, verb);
}
