import type { Problem } from '../components/model/problem.ts';
import type { Exemption } from '../policies/judge/exemption.ts';

/**
 * Findings of readers that can be lived with: a reference to what is not among the objects, which another file or team
 * may hold. That a route cannot be told is never exempted; `--allow cannot-tell` is for who knows.
 */
export const exemptableCodes: ReadonlySet<string> = new Set([
  'missing-reference',
  'missing-reference-grant',
  'missing-service',
  'unread-service',
]);

/** Findings apart from those that an exemption covers today. */
export interface Remaining {
  readonly problems: readonly Problem[];
  /** A line for each exemption that was used, and for each that nothing needs. */
  readonly lines: readonly string[];
}

/**
 * Takes out of the problems of readers those that are exempt.
 * @param today the day exemptions are held against, YYYY-MM-DD; one that is over covers nothing and is a problem itself
 */
export function withoutExempted(
  problems: readonly Problem[],
  exemptions: readonly Exemption[],
  environment: string,
  today: string,
): Remaining {
  const own = exemptions.filter(({ rule }) => exemptableCodes.has(rule));
  const coverOf = (problem: Problem) => own.find((exemption) => covers(exemption, problem, environment));
  const used = new Set(problems.flatMap((problem) => coverOf(problem) ?? []));
  const isCovered = (problem: Problem) => (coverOf(problem)?.until ?? '') >= today;
  const over = [...used].filter(({ until }) => until < today).map((exemption) => expired(exemption, today));
  return {
    problems: [...problems.filter((problem) => !isCovered(problem)), ...over],
    lines: [
      ...[...used]
        .filter(({ until }) => until >= today)
        .map(({ rule, reason, until }) => `exempt until ${until}: ${rule} (${reason})\n`),
      ...own
        .filter((exemption) => !used.has(exemption))
        .map(({ rule, object }) => `unused exemption: ${rule} for ${object}; take it away\n`),
    ],
  };
}

/** Subjects are `Kind namespace/name`. */
function covers({ rule, object }: Exemption, { code, at }: Problem, environment: string): boolean {
  if (rule !== code) return false;
  const parts = [environment, ...at.subject.replace(' ', '/').split('/')];
  const wanted = object.split('/');
  return wanted.length === parts.length && wanted.every((part, index) => part === '*' || part === parts[index]);
}

function expired({ rule, object, until }: Exemption, today: string): Problem {
  return {
    code: 'exemption-expired',
    at: { subject: `exemption from ${rule} for ${object}`, path: 'until' },
    found: `${until}, and today is ${today}`,
    expected: 'a day not before today',
    fix: 'Mend what it was for, or decide again and set a later day.',
  };
}
