import type { Place, Problem } from '../components/model/problem.ts';
import { type Findings, formatLoss, formatPlace, type PolicyFinding } from './finding-words.ts';

interface Case {
  /** What kind of finding: the id of a rule, the code of a problem. */
  readonly rule: string;
  readonly at: Place;
  readonly outcome: 'failure' | 'skipped';
  readonly words: string;
}

/**
 * Findings in the XML that JUnit made and every CI reads: a failed test case for each finding, a skipped one for what
 * is exempt or cannot be told, and one that passes where there is nothing else.
 */
export function toJUnit(findings: Findings): string {
  const { problems, losses, violations = [], notEvaluable = [], exempted = [], doubts = [] } = findings;
  const cases = [
    ...problems.map((problem) => failed(problem.code, problem.at, words(problem))),
    ...losses.map((loss) => failed(loss.name, loss.at, formatLoss(loss))),
    ...violations.map((each) => failed(each.rule, each.at, words(each))),
    ...doubts.map((each) => failed(each.code, each.at, `cannot tell: ${words(each)}`)),
    ...notEvaluable.map((each) => skipped(each, `not evaluable: ${words(each)}`)),
    ...exempted.map((each) => skipped(each, exemptionWords(each))),
  ];
  const failures = cases.filter(({ outcome }) => outcome === 'failure').length;
  const counts = `tests="${Math.max(cases.length, 1)}" failures="${failures}" errors="0" skipped="${cases.length - failures}"`;
  const lines =
    cases.length === 0 ? ['    <testcase classname="edgeplane" name="nothing to mend"/>'] : cases.map(caseXml);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="edgeplane check" ${counts}>`,
    `  <testsuite name="edgeplane check" ${counts}>`,
    ...lines,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function failed(rule: string, at: Place, text: string): Case {
  return { rule, at, outcome: 'failure', words: text };
}

function skipped({ rule, at }: PolicyFinding, text: string): Case {
  return { rule, at, outcome: 'skipped', words: text };
}

function words({ found, expected, fix }: Pick<Problem, 'found' | 'expected' | 'fix'>): string {
  return `found ${found}, expected ${expected}. ${fix}`;
}

function exemptionWords({ exemption }: PolicyFinding): string {
  return exemption === undefined ? '' : `exempt until ${exemption.until} by ${exemption.owner}: ${exemption.reason}`;
}

function caseXml({ rule, at, outcome, words: text }: Case): string {
  const file = at.source === undefined ? '' : ` file="${escaped(at.source.file)}" line="${at.source.line}"`;
  const open = `    <testcase classname="${escaped(rule)}" name="${escaped(formatPlace(at))}"${file}>`;
  return `${open}<${outcome} message="${escaped(text)}"/></testcase>`;
}

/** XML 1.0 has no place at all for most control characters; they are shown as a question mark. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\t', '&#9;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;');
}
