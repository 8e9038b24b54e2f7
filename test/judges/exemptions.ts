import type { Finding } from './judges.ts';

/** A finding of an outside judge that we live with: why, who answers for it, and the day it is looked at again. */
export interface Exemption {
  readonly judge: Finding['judge'];
  readonly check: string;
  /** `Kind/namespace/name`; a `*` stands for one whole part. */
  readonly object: string;
  readonly reason: string;
  readonly owner: string;
  /** YYYY-MM-DD. After this day the finding counts again. */
  readonly until: string;
}

const review = { owner: 'edgeplane maintainers', until: '2027-11-01' } as const;

/** Every exemption must match at least one finding, so that none outlives its cause. */
export const exemptions: readonly Exemption[] = [
  {
    judge: 'kube-score',
    check: 'container-image-pull-policy',
    object: '*/*/*',
    reason:
      'Images are named by digest or by content tag: pulling again cannot change them, and Always makes every start depend on the registry.',
    ...review,
  },
  {
    judge: 'checkov',
    check: 'CKV_K8S_15',
    object: '*/*/*',
    reason: 'Same as container-image-pull-policy: images are immutable references.',
    ...review,
  },
];

/** Whether an exemption covers a finding. */
export function covers(exemption: Exemption, finding: Finding): boolean {
  const wanted = exemption.object.split('/');
  const parts = finding.object.split('/');
  const samePlace =
    wanted.length === parts.length && wanted.every((part, index) => part === '*' || part === parts[index]);
  return exemption.judge === finding.judge && exemption.check === finding.check && samePlace;
}
