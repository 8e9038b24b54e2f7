import type { Problem } from '../components/model/problem.ts';
import { type Exemptable, type Exemption, type Held, heldAgainst } from '../policies/judge/exemption.ts';

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

/**
 * Problems of readers held against exemptions of their codes.
 * @param today the day exemptions are held against, YYYY-MM-DD
 */
export function heldProblems(
  problems: readonly Problem[],
  exemptions: readonly Exemption[],
  environment: string,
  today: string,
): Held<Problem> {
  // Subjects are `Kind namespace/name`.
  const exemptableOf = ({ code, at }: Problem): Exemptable => ({
    rule: code,
    object: [environment, ...at.subject.replace(' ', '/').split('/')],
  });
  const own = exemptions.filter(({ rule }) => exemptableCodes.has(rule));
  return heldAgainst(problems, exemptableOf, own, today);
}
