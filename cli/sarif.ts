import type { Place, Problem } from '../components/model/problem.ts';
import { type Findings, formatLoss } from './finding-words.ts';

interface Result {
  readonly ruleId: string;
  readonly level: 'error' | 'note';
  readonly message: { readonly text: string };
  readonly locations: readonly unknown[];
}

/** Findings as a SARIF 2.1.0 log (OASIS), for code scanning. Definitions without a file have a logical location only. */
export function toSarif({ problems, losses, notes = [] }: Findings): unknown {
  const results = [
    ...problems.map((problem) => result(problem.code, problem.at, words(problem))),
    ...losses.map((loss) => result(loss.name, loss.at, formatLoss(loss))),
    ...notes.map((note) => result(note.code, note.at, words(note), 'note')),
  ];
  const rules = [...new Set(results.map(({ ruleId }) => ruleId))].toSorted().map((id) => ({ id }));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'edgeplane', rules } }, results }],
  };
}

function words({ found, expected, fix }: Problem): string {
  return `found ${found}, expected ${expected}. ${fix}`;
}

function result(
  ruleId: string,
  { subject, path, source }: Place,
  text: string,
  level: Result['level'] = 'error',
): Result {
  const logicalLocations = [{ fullyQualifiedName: path === '' ? subject : `${subject}, ${path}` }];
  const physical =
    source === undefined
      ? {}
      : {
          physicalLocation: {
            artifactLocation: { uri: encodeURI(source.file) },
            region: { startLine: source.line, startColumn: source.column },
          },
        };
  return { ruleId, level, message: { text }, locations: [{ ...physical, logicalLocations }] };
}
