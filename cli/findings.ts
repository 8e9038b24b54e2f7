import { formatProblem } from '../components/model/problem.ts';
import { type Findings, formatLoss } from './finding-words.ts';
import type { Io } from './io.ts';
import { toJUnit } from './junit.ts';
import { toSarif } from './sarif.ts';

export type FindingsFormat = 'text' | 'json' | 'sarif' | 'junit';

/** Findings as text for people, or as JSON, SARIF 2.1.0 or JUnit's XML for tools. Text is empty when there are none. */
export function formatFindings(findings: Findings, format: FindingsFormat, colours = false): string {
  switch (format) {
    case 'text':
      return findingLines(findings, colours).join('');
    case 'json':
      return `${JSON.stringify(findings, null, 2)}\n`;
    case 'sarif':
      return `${JSON.stringify(toSarif(findings), null, 2)}\n`;
    case 'junit':
      return toJUnit(findings);
    default:
      return format satisfies never;
  }
}

/** `2 problems, 1 loss`, and doubts and notes where objects were read, and violations where they were judged. */
export function countFindings({ problems, losses, doubts, notes, violations }: Findings): string {
  return [
    count(problems.length, 'problem', 'problems'),
    count(losses.length, 'loss', 'losses'),
    ...(doubts === undefined ? [] : [count(doubts.length, 'doubt', 'doubts')]),
    ...(notes === undefined ? [] : [count(notes.length, 'note', 'notes')]),
    ...(violations === undefined ? [] : [count(violations.length, 'violation', 'violations')]),
  ].join(', ');
}

/** Says on standard error why there is no output, and gives the exit code for it. */
export function refuse(of: string, findings: Findings, io: Io): 1 {
  io.words(formatFindings(findings, 'text'));
  io.words(`${of}: ${countFindings(findings)}; nothing written\n`);
  return 1;
}

function findingLines(findings: Findings, colours: boolean): readonly string[] {
  const { problems, losses, violations = [], notEvaluable = [], doubts = [], notes = [] } = findings;
  const red = (text: string) => (colours ? `\u001b[31m${text}\u001b[39m` : text);
  return [
    ...problems.map((problem) => `${red('problem')} ${problem.code}: ${formatProblem(problem)}\n`),
    ...losses.map((loss) => `${red('loss')} ${loss.name}: ${formatLoss(loss)}\n`),
    ...violations.map((each) => `${red('violation')} ${each.rule}: ${formatProblem({ code: each.rule, ...each })}\n`),
    ...notEvaluable.map((each) => `not evaluable ${each.rule}: ${formatProblem({ code: each.rule, ...each })}\n`),
    ...doubts.map((doubt) => `cannot tell ${doubt.code}: ${formatProblem(doubt)}\n`),
    ...notes.map((note) => `note ${note.code}: ${formatProblem(note)}\n`),
  ];
}

function count(number: number, one: string, many: string): string {
  return `${number === 0 ? 'no' : number} ${number === 1 ? one : many}`;
}
