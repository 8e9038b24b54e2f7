import type { Command } from 'commander';
import { match } from '../../components/model/match.ts';
import type { EdgeRequest, Outcome } from '../../components/model/outcome.ts';
import { explain, type Fact, formatFacts } from '../explanation.ts';
import { refuse } from '../findings.ts';
import { inputOptions } from '../input.ts';
import { type Io, usageError } from '../io.ts';
import { type ReadInput, readInput, readingOptions } from '../reading.ts';
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
    ...readingOptions,
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
    'edgeplane explain -f ingresses.yaml GET https://shop.example.org/cart',
  ],
  run: async ([method, url], flags, io) => {
    const answer = typeof flags.value === 'string' ? valueAnswer(flags.value) : requestAnswer(method, url, flags);
    const input = await readInput(flags, io);
    const { compiled } = input;
    if (compiled !== null && !compiled.outcome.ok) return refuse(compiled.of, compiled.outcome, io);
    await answer(input, flags.format === 'json', io);
    return 0;
  },
};

/** Prints an answer. Made before anything is compiled, so that a wrong command line is told first. */
type Answer = (input: ReadInput, json: boolean, io: Io) => Promise<void>;

function requestAnswer(method: string | undefined, url: string | undefined, flags: Flags): Answer {
  if (method === undefined || url === undefined) throw usageError('explain takes METHOD and URL, or --value PATH');
  const request = readRequest(method, url, Array.isArray(flags.header) ? (flags.header as readonly string[]) : []);
  return async (input, json, io) => {
    const answers = [...planAnswers(input, request), ...(await readAnswers(input, request))];
    if (!json) return io.out(answers.map(({ facts }) => formatFacts(facts)).join('\n'));
    const [only] = answers;
    const outcomes = answers.map(({ edge, outcome, doubts }) => ({ edge, outcome, doubts }));
    const data = input.reading === null ? { request, outcome: only?.outcome } : { request, outcomes };
    io.out(`${JSON.stringify(data, null, 2)}\n`);
  };
}

interface EdgeAnswer {
  readonly edge: string;
  readonly outcome: Outcome;
  readonly doubts: readonly string[];
  readonly facts: readonly Fact[];
}

function planAnswers({ compiled }: ReadInput, request: EdgeRequest): readonly EdgeAnswer[] {
  if (compiled === null || !compiled.outcome.ok) return [];
  const { plan } = compiled.outcome;
  const outcome = match(plan.routes, request, { acme: plan.environment.acme });
  return [{ edge: compiled.of, outcome, doubts: [], facts: explain(plan, request, outcome) }];
}

async function readAnswers({ reading }: ReadInput, request: EdgeRequest): Promise<readonly EdgeAnswer[]> {
  if (reading === null) return [];
  const { explainReading } = await import('../reading-words.ts');
  return explainReading(reading, request);
}

function valueAnswer(text: string): Answer {
  return async ({ compiled }, json, io) => {
    const read = compiled?.read ?? null;
    if (read === null) throw usageError('--value asks about apps, and there are only objects of a cluster here');
    const facts = explainValueAt(read, text);
    io.out(json ? `${JSON.stringify(Object.fromEntries(facts), null, 2)}\n` : formatFacts(facts));
  };
}

export function define(command: Command): Command {
  return addVerb(command, verb);
}
