import type { Part } from '../fields.ts';
import { type Pod, podOf } from '../pod.ts';
import type { EachRule, Fault } from '../rule.ts';

/** One check of the Pod Security Standards. */
export interface PodSecurityCheck extends Pick<EachRule, 'title' | 'reason' | 'severity' | 'expected' | 'fix'> {
  /** The id of the check in `k8s.io/pod-security-admission`. */
  readonly check: string;
  readonly level: 'baseline' | 'restricted';
  readonly judge: (pod: Pod) => Iterable<Fault>;
}

/** The check as a rule over everything that runs pods. Checks are those of the standards' version 1.36. */
export function podSecurityRule({ check, level, judge, ...words }: PodSecurityCheck): EachRule {
  return {
    ...words,
    id: `pod-security-${check.replaceAll('_', '-').replaceAll(/[A-Z]+/g, (upper) => `-${upper.toLowerCase()}`)}`,
    link: `https://kubernetes.io/docs/concepts/security/pod-security-standards/#${level}`,
    standard: { name: `Pod Security ${level}`, id: check },
    scope: 'each',
    *judge(subject) {
      const pod = podOf(subject);
      if (pod !== null) yield* judge(pod);
    },
  };
}

/** The pod and its containers: all that has a `securityContext`. */
export function* secured(pod: Pod): Iterable<Part> {
  yield pod;
  yield* pod.containers;
}
