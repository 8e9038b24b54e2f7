import type { Command } from 'commander';
import type { RoutePlan } from '../../components/compile/plan.ts';
import { rank } from '../../components/model/precedence.ts';
import type { Answer } from '../../components/readers/answer.ts';
import type { Reading } from '../../components/readers/read-route.ts';
import { refuse } from '../findings.ts';
import { type CompiledInput, inputOptions } from '../input.ts';
import { allowOption, allows, readInput, readingOptions } from '../reading.ts';
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
    ...readingOptions,
    {
      flags: '--open',
      description: 'only routes that ask nobody, or of which that cannot be told; exits 1 where there are any',
    },
    allowOption,
    {
      flags: '--format <format>',
      description: 'how the table is written',
      choices: ['text', 'json'],
      fallback: 'text',
    },
  ],
  examples: [
    'edgeplane routes --stack production',
    'edgeplane routes --open --format json',
    'edgeplane routes -f ingresses.yaml',
    'edgeplane routes --context staging --open',
  ],
  run: async (_operands, flags, io) => {
    const { compiled, reading, skipped } = await readInput(flags, io);
    if (compiled !== null && !compiled.outcome.ok) return refuse(compiled.of, compiled.outcome, io);
    const open = flags.open === true;
    const listings = [
      ...(compiled === null ? [] : [planListing(compiled, open)]),
      ...(reading === null ? [] : [await readListing(reading, open)]),
    ];
    if (flags.format === 'json')
      io.out(
        `${JSON.stringify(
          listings.flatMap(({ data }) => data),
          null,
          2,
        )}\n`,
      );
    else
      io.out(
        listings
          .map(({ rows }) => formatTable(rows))
          .filter((table) => table !== '')
          .join('\n'),
      );
    for (const { words } of listings) io.words(`${words}\n`);
    for (const line of skipped) io.words(`${line}\n`);
    return open && listings.some(({ answers }) => answers.some((answer) => !allows(flags, answer))) ? 1 : 0;
  },
};

/** Routes as a table and as data, and what they are, in words. */
interface Listing {
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly data: readonly unknown[];
  readonly words: string;
  /** What there is to object to: routes that ask nobody and give no reason, and those that cannot be told. */
  readonly answers: readonly Answer[];
}

function planListing({ of, outcome }: CompiledInput, open: boolean): Listing {
  const all = outcome.ok ? outcome.plan.routes : [];
  const listed = all.filter(({ protection }) => !open || protection.kind === 'open').toSorted(byHostAndRank);
  const told = `${of}: ${listed.length} of ${all.length} routes`;
  // A definition gives the reason of each open route.
  return { rows: listed.map(words), data: listed.map(row), words: told, answers: [] };
}

async function readListing(reading: Reading, open: boolean): Promise<Listing> {
  const [{ readData, readingWords, readRow, sortedRoutes, unreadWords }, { answerOf, onlyRedirects }] =
    await Promise.all([import('../reading-words.ts'), import('../../components/readers/answer.ts')]);
  const listed = sortedRoutes(reading.routes).filter((route) => {
    const answer = answerOf(route);
    return !open || answer === 'cannot tell' || (answer === 'open' && !onlyRedirects(route));
  });
  const told = [`${listed.length} of ${readingWords(reading)}`, ...unreadWords(reading)].join('\n');
  const unread = Object.keys(reading.unread).length > 0 ? (['cannot tell'] as const) : [];
  return {
    rows: listed.map(readRow),
    data: listed.map(readData),
    words: told,
    answers: [...listed.map(answerOf), ...unread],
  };
}

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
