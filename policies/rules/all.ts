import { cisGkeRules } from './cis-gke.ts';
import { kubernetesRules } from './kubernetes.ts';
import type { Rule } from './rule.ts';

/** Every rule, in the order of the documentation. */
export const rules: readonly Rule[] = [...kubernetesRules, ...cisGkeRules];
