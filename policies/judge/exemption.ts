import type { Judgeable } from './subject.ts';

/** A finding that we live with: why, who answers for it, and the day it is looked at again. */
export interface Exemption {
  /** Id of the rule. */
  readonly rule: string;
  /** `environment/Kind/namespace/name`; a `*` stands for one whole part, and a part without a value is empty. */
  readonly object: string;
  readonly reason: string;
  readonly owner: string;
  /** YYYY-MM-DD. After this day the finding counts again. */
  readonly until: string;
}

/** Whether an exemption is for a finding of this rule on this object. */
export function covers(exemption: Exemption, rule: string, { subject, environment }: Judgeable): boolean {
  if (exemption.rule !== rule) return false;
  const wanted = exemption.object.split('/');
  const parts = [environment, subject.kind, subject.namespace, subject.name];
  return wanted.length === parts.length && wanted.every((part, index) => part === '*' || part === parts[index]);
}
