import type { CompileOutcome } from '../components/compile/compile.ts';
import type { Problem } from '../components/model/problem.ts';
import type { ObjectSource } from '../components/readers/kube-object.ts';
import { exemptions } from '../policies/exemptions.ts';
import type { Exemption } from '../policies/judge/exemption.ts';
import { judge, type Violation } from '../policies/judge/judge.ts';
import { kubernetesSubjects } from '../policies/judge/subject.ts';
import { kubernetesRules } from '../policies/rules/kubernetes.ts';
import type { PolicyFinding } from './finding-words.ts';

/** What is judged, and for which environment. */
export interface PolicyInput {
  /** Objects of the environment, compiled. */
  readonly outcome: CompileOutcome | null;
  /** Objects as somebody else wrote them. */
  readonly objects: readonly ObjectSource[];
  readonly environment: string;
  readonly production: boolean;
  /** Beside those of our own stacks. */
  readonly exemptions: readonly Exemption[];
  readonly today: string;
}

/** What rules say, as the command prints it. */
export interface PolicyFindings {
  readonly violations: readonly PolicyFinding[];
  readonly notEvaluable: readonly PolicyFinding[];
  readonly exempted: readonly PolicyFinding[];
  /** Exemptions that are over. */
  readonly problems: readonly Problem[];
  /** Exemptions that nothing needs. Of our own stacks only where all of one was judged, since a part cannot tell. */
  readonly unused: readonly Exemption[];
}

/** Every rule over compiled and foreign objects, as one set: a host that both claim is found. */
export function policyFindings(input: PolicyInput): PolicyFindings {
  const { outcome, objects, environment, production, today } = input;
  const compiled = outcome?.ok === true ? outcome.groups.flatMap((group) => group.objects) : [];
  const inputs = [...compiled.map((object) => ({ object })), ...objects];
  const verdict = judge(kubernetesSubjects(inputs, { environment, production }), {
    rules: kubernetesRules,
    exemptions: [...input.exemptions, ...exemptions],
    today,
  });
  return {
    violations: verdict.violations.map((violation) => policyFinding(violation)),
    notEvaluable: verdict.undecided.map((violation) => policyFinding(violation)),
    exempted: verdict.exempted.map(({ violation, exemption }) => policyFinding(violation, exemption)),
    problems: verdict.expired,
    unused: verdict.unused.filter((exemption) => input.exemptions.includes(exemption) || isOfWhole(exemption, input)),
  };
}

function isOfWhole({ object }: Exemption, { outcome, objects, environment }: PolicyInput): boolean {
  return outcome?.ok === true && objects.length === 0 && object.startsWith(`${environment}/`);
}

function policyFinding({ rule, at, found, expected, fix }: Violation, exemption?: Exemption): PolicyFinding {
  const { id, title, severity, reason, link, standard } = rule;
  const exempted =
    exemption === undefined
      ? {}
      : { exemption: { owner: exemption.owner, reason: exemption.reason, until: exemption.until } };
  return { rule: id, severity, at, found, expected, fix, title, reason, link, standard, ...exempted };
}
