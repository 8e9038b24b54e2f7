import type { Command } from 'commander';
import { match } from '../../components/model/match.ts';
import { explain, formatFacts } from '../explanation.ts';
import { refuse } from '../findings.ts';
import { type CompiledInput, compileInput, inputOptions } from '../input.ts';
import { type Io, usageError } from '../io.ts';
import { readRequest } from '../request-line.ts';
import { explainValueAt } from '../value-origin.ts';
import { addVerb, type Flags, type Verb } from '../verb.ts';

/**
 * What happens to one request: the route that takes it, who is asked, what reaches the app, and who lost. Or, with
 * `--value`, which layer decided a value of an app.
 */
export const verb: Verb = {
  operands: [
    { name: '[method]', description: 'HTTP method, as GET' },
    { name: '[url]', description: 'absolute URL; its path is taken as it is written' },
  ],
  options: [
    ...inputOptions,
    {
      flags: '--header <header>',
      description: 'a request header, as "X-Team: shop"; may be repeated',
      repeatable: true,
    },
    { flags: '--value <path>', description: 'instead of a request: where a value comes from, as cart.routes[0].tls' },
    { flags: '--format <format>', description: 'how facts are written', choices: ['text', 'json'], fallback: 'text' },
  ],
  examples: [
    'edgeplane explain GET http://whoami.edgeplane.test/private',
    'edgeplane explain --stack production --value pybackend.replicas',
  ],
  run: async ([method, url], flags, io) => {
    const answer = typeof flags.value === 'string' ? valueAnswer(flags.value) : requestAnswer(method, url, flags);
    const input = await compileInput(flags, io);
    if (!input.outcome.ok) return refuse(input.of, input.outcome, io);
    answer(input, flags.format === 'json', io);
    return 0;
  },
};

/** Prints an answer. Made before anything is compiled, so that a wrong command line is told first. */
type Answer = (input: CompiledInput, json: boolean, io: Io) => void;

function requestAnswer(method: string | undefined, url: string | undefined, flags: Flags): Answer {
  if (method === undefined || url === undefined) throw usageError('explain takes METHOD and URL, or --value PATH');
  const request = readRequest(method, url, Array.isArray(flags.header) ? (flags.header as readonly string[]) : []);
  return ({ outcome: compiled }, json, io) => {
    if (!compiled.ok) return;
    const { plan } = compiled;
    const outcome = match(plan.routes, request, { acme: plan.environment.acme });
    io.out(json ? `${JSON.stringify({ request, outcome }, null, 2)}\n` : formatFacts(explain(plan, request, outcome)));
  };
}

function valueAnswer(text: string): Answer {
  return ({ read }, json, io) => {
    if (read === null) return;
    const facts = explainValueAt(read, text);
    io.out(json ? `${JSON.stringify(Object.fromEntries(facts), null, 2)}\n` : formatFacts(facts));
  };
}

export function define(command: Command): Command {
  return addVerb(command, verb);
}
