import { formatProblem } from '../components/model/problem.ts';
import { type Findings, formatLoss } from './finding-words.ts';
import type { Io } from './io.ts';
import { toSarif } from './sarif.ts';

export type FindingsFormat = 'text' | 'json' | 'sarif';

/** Findings as text for people, or as JSON or SARIF 2.1.0 for tools. Text is empty when there are none. */
export function formatFindings(findings: Findings, format: FindingsFormat, colours = false): string {
  switch (format) {
    case 'text':
      return findingLines(findings, colours).join('');
    case 'json':
      return `${JSON.stringify(findings, null, 2)}\n`;
    case 'sarif':
      return `${JSON.stringify(toSarif(findings), null, 2)}\n`;
    default:
      return format satisfies never;
  }
}

/** `2 problems, 1 loss`, and notes where objects were read. */
export function countFindings({ problems, losses, notes }: Findings): string {
  const words = `${count(problems.length, 'problem', 'problems')}, ${count(losses.length, 'loss', 'losses')}`;
  return notes === undefined ? words : `${words}, ${count(notes.length, 'note', 'notes')}`;
}

/** Says on standard error why there is no output, and gives the exit code for it. */
export function refuse(of: string, findings: Findings, io: Io): 1 {
  io.words(formatFindings(findings, 'text'));
  io.words(`${of}: ${countFindings(findings)}; nothing written\n`);
  return 1;
}

function findingLines({ problems, losses, notes = [] }: Findings, colours: boolean): readonly string[] {
  const red = (text: string) => (colours ? `\u001b[31m${text}\u001b[39m` : text);
  return [
    ...problems.map((problem) => `${red('problem')} ${problem.code}: ${formatProblem(problem)}\n`),
    ...losses.map((loss) => `${red('loss')} ${loss.name}: ${formatLoss(loss)}\n`),
    ...notes.map((note) => `note ${note.code}: ${formatProblem(note)}\n`),
  ];
}

function count(number: number, one: string, many: string): string {
  return `${number === 0 ? 'no' : number} ${number === 1 ? one : many}`;
}
