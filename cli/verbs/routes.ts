import type { Command } from 'commander';
import type { RoutePlan } from '../../components/compile/plan.ts';
import { rank } from '../../components/model/precedence.ts';
import { refuse } from '../findings.ts';
import { compileInput, inputOptions } from '../input.ts';
import {
  actionWords,
  headerWords,
  hostWords,
  methodWords,
  pathWords,
  protectionWords,
  tlsWords,
} from '../route-words.ts';
import { formatTable } from '../table.ts';
import { addVerb, type Verb } from '../verb.ts';

/** The whole route table with its protection: by host, the route that is asked first on top. */
export const verb: Verb = {
  operands: [],
  options: [
    ...inputOptions,
    { flags: '--open', description: 'only routes that ask nobody' },
    {
      flags: '--format <format>',
      description: 'how the table is written',
      choices: ['text', 'json'],
      fallback: 'text',
    },
  ],
  examples: ['edgeplane routes --stack production', 'edgeplane routes --open --format json'],
  run: async (_operands, flags, io) => {
    const { of, outcome } = await compileInput(flags, io);
    if (!outcome.ok) return refuse(of, outcome, io);
    const listed = outcome.plan.routes
      .filter((route) => flags.open !== true || route.protection.kind === 'open')
      .toSorted(byHostAndRank);
    if (flags.format === 'json') io.out(`${JSON.stringify(listed.map(row), null, 2)}\n`);
    else io.out(formatTable(listed.map(words)));
    io.words(`${of}: ${listed.length} of ${outcome.plan.routes.length} routes\n`);
    return 0;
  },
};

function byHostAndRank(a: RoutePlan, b: RoutePlan): number {
  const [hostA, hostB] = [hostWords(a.match.host), hostWords(b.match.host)];
  if (hostA !== hostB) return hostA < hostB ? -1 : 1;
  return rank(b.match) - rank(a.match) || (a.id < b.id ? -1 : 1);
}

function words(route: RoutePlan): Readonly<Record<string, string>> {
  const { host, path, methods, headers } = route.match;
  return {
    host: hostWords(host),
    path: pathWords(path),
    methods: headers.length === 0 ? methodWords(methods) : `${methodWords(methods)} with ${headerWords(headers)}`,
    to: actionWords(route.action),
    protection: protectionWords(route.protection),
    tls: tlsWords(route.tls),
    priority: String(rank(route.match)),
  };
}

function row(route: RoutePlan) {
  const { id, namespace, app, match, action, protection, tls } = route;
  return { id, namespace, app, match, action, protection, tls, priority: rank(match) };
}

export function define(command: Command): Command {
  return addVerb(command, verb);
}
