import type { Place } from '../components/model/problem.ts';
import { type Findings, formatLoss } from './finding-words.ts';

interface Result {
  readonly ruleId: string;
  readonly level: 'error';
  readonly message: { readonly text: string };
  readonly locations: readonly unknown[];
}

/** Findings as a SARIF 2.1.0 log (OASIS), for code scanning. Definitions without a file have a logical location only. */
export function toSarif({ problems, losses }: Findings): unknown {
  const results = [
    ...problems.map(({ code, at, found, expected, fix }) =>
      result(code, at, `found ${found}, expected ${expected}. ${fix}`),
    ),
    ...losses.map((loss) => result(loss.name, loss.at, formatLoss(loss))),
  ];
  const rules = [...new Set(results.map(({ ruleId }) => ruleId))].toSorted().map((id) => ({ id }));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'edgeplane', rules } }, results }],
  };
}

function result(ruleId: string, { subject, path, source }: Place, text: string): Result {
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
  return { ruleId, level: 'error', message: { text }, locations: [{ ...physical, logicalLocations }] };
}
