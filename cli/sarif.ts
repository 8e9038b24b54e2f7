import type { Place, Problem } from '../components/model/problem.ts';
import { type Findings, formatLoss, type PolicyFinding } from './finding-words.ts';

interface Result {
  readonly ruleId: string;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: { readonly text: string };
  readonly locations: readonly unknown[];
  /** Why it is lived with. */
  readonly suppressions?: readonly unknown[];
}

/** As code scanning sorts findings: a score like that of CVSS. */
const scores = { low: '3.0', medium: '5.0', high: '8.0', critical: '9.5' } as const;
const levels = { low: 'note', medium: 'warning', high: 'error', critical: 'error' } as const;

/** Findings as a SARIF 2.1.0 log (OASIS), for code scanning. Definitions without a file have a logical location only. */
export function toSarif({
  problems,
  losses,
  violations = [],
  notEvaluable = [],
  exempted = [],
  doubts = [],
  notes = [],
}: Findings) {
  const judged = [...violations, ...notEvaluable, ...exempted];
  const results = [
    ...problems.map((problem) => result(problem.code, problem.at, words(problem))),
    ...losses.map((loss) => result(loss.name, loss.at, formatLoss(loss))),
    ...violations.map((each) => result(each.rule, each.at, words(each), levels[each.severity])),
    ...notEvaluable.map((each) => result(each.rule, each.at, `not evaluable: ${words(each)}`, 'note')),
    ...exempted.map((each) => ({
      ...result(each.rule, each.at, words(each), levels[each.severity]),
      suppressions: [{ kind: 'external', justification: exemptionWords(each) }],
    })),
    ...doubts.map((doubt) => result(doubt.code, doubt.at, `cannot tell: ${words(doubt)}`, 'warning')),
    ...notes.map((note) => result(note.code, note.at, words(note), 'note')),
  ];
  const policies = new Map(judged.map((each) => [each.rule, each]));
  const ids = [...new Set(results.map(({ ruleId }) => ruleId))].toSorted();
  const rules = ids.map((id) => ruleOf(id, policies.get(id)));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'edgeplane', rules } }, results }],
  };
}

function ruleOf(id: string, policy: PolicyFinding | undefined): unknown {
  if (policy === undefined) return { id };
  const { title, reason, fix, link, severity, standard } = policy;
  const helpUri = /^https:/.test(link) ? { helpUri: link } : {};
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: reason },
    help: { text: `${fix} ${link}` },
    ...helpUri,
    properties: {
      'security-severity': scores[severity],
      tags: standard === null ? [] : [`${standard.name} ${standard.id}`],
    },
  };
}

function exemptionWords({ exemption }: PolicyFinding): string {
  return exemption === undefined ? '' : `${exemption.reason} (${exemption.owner}, until ${exemption.until})`;
}

function words({ found, expected, fix }: Pick<Problem, 'found' | 'expected' | 'fix'>): string {
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
