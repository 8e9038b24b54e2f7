import type { Problem } from '../../components/model/problem.ts';

/** A finding that we live with: why, who answers for it, and the day it is looked at again. */
export interface Exemption {
  /** Id of the rule, or the code of a finding of the readers. */
  readonly rule: string;
  /** `environment/Kind/namespace/name`; a `*` stands for one whole part, and a part without a value is empty. */
  readonly object: string;
  readonly reason: string;
  readonly owner: string;
  /** YYYY-MM-DD. After this day the finding counts again. */
  readonly until: string;
}

/** What an exemption is compared with: the rule that found something, and the parts of `Exemption.object`. */
export interface Exemptable {
  readonly rule: string;
  readonly object: readonly string[];
}

/** Findings held against exemptions. */
export interface Held<F> {
  /** Those that no exemption of today covers. */
  readonly counted: readonly F[];
  readonly exempted: readonly { readonly finding: F; readonly exemption: Exemption }[];
  /** Exemptions that are over although something still needs them. */
  readonly expired: readonly Problem[];
  /** Exemptions that nothing here needs. */
  readonly unused: readonly Exemption[];
}

/**
 * Findings apart from those that are exempt.
 * @param today the day exemptions are held against, YYYY-MM-DD; one that is over covers nothing and is a problem itself
 */
export function heldAgainst<F>(
  findings: readonly F[],
  exemptableOf: (finding: F) => Exemptable,
  exemptions: readonly Exemption[],
  today: string,
): Held<F> {
  const used = new Map<F, Exemption>();
  for (const finding of findings) {
    const exemption = exemptions.find((each) => covers(each, exemptableOf(finding)));
    if (exemption !== undefined) used.set(finding, exemption);
  }
  const needed = new Set(used.values());
  const holds = (exemption: Exemption | undefined) => exemption !== undefined && exemption.until >= today;
  return {
    counted: findings.filter((finding) => !holds(used.get(finding))),
    exempted: [...used]
      .filter(([, exemption]) => holds(exemption))
      .map(([finding, exemption]) => ({ finding, exemption })),
    expired: [...needed].filter((exemption) => !holds(exemption)).map((exemption) => expired(exemption, today)),
    unused: exemptions.filter((exemption) => !needed.has(exemption)),
  };
}

function covers(exemption: Exemption, { rule, object }: Exemptable): boolean {
  if (exemption.rule !== rule) return false;
  const wanted = exemption.object.split('/');
  return wanted.length === object.length && wanted.every((part, index) => part === '*' || part === object[index]);
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
