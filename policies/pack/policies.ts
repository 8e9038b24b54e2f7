import type {
  Policies,
  Policy,
  PolicyResource,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationArgs,
  StackValidationPolicy,
} from '@pulumi/policy';
import type { Exemption } from '../judge/exemption.ts';
import { judge, routeKinds, type Verdict, type Violation } from '../judge/judge.ts';
import { type Judgeable, pulumiSubjects } from '../judge/subject.ts';
import type { Rule } from '../rules/rule.ts';
import { firstUnknown, readProperties } from './properties.ts';

/** What the pack does not know by itself. */
export interface PackOptions {
  readonly rules: readonly Rule[];
  readonly exemptions: readonly Exemption[];
  /** The day exemptions are held against, YYYY-MM-DD. */
  readonly today: string;
}

/** Names of the policies that report what could not be judged. They are advisory where nothing else is configured. */
export const notEvaluable = { resource: 'not-evaluable', stack: 'not-evaluable-stack' } as const;

/**
 * Each rule as a policy of Pulumi, mandatory. A rule about one subject is judged before each resource is made, one
 * about several when the whole stack is known.
 *
 * What a preview does not know is left to two policies of their own. They are advisory, because every first preview of
 * a cluster has such values, and every rule is judged again when they are known and before the resource is made. A
 * pipeline that decides by previews makes them mandatory: docs/policies.md.
 */
export function packPolicies(options: PackOptions): Policies {
  const each = options.rules.filter(({ scope }) => scope === 'each');
  const together = options.rules.filter(({ scope }) => scope === 'together');
  return [
    ...each.map((rule) => resourcePolicy(rule, options)),
    ...together.map((rule) => stackPolicy(rule, options)),
    {
      ...undecidedPolicy,
      name: notEvaluable.resource,
      validateResource: (args, report) => {
        if (args.type === helmRelease) report(unseen(args.name));
        for (const violation of judgeResource(args, { ...options, rules: each }).undecided) report(words(violation));
      },
    } satisfies ResourceValidationPolicy,
    {
      ...undecidedPolicy,
      name: notEvaluable.stack,
      validateStack: (args, report) => {
        const { undecided } = judgeStack(args, { ...options, rules: together });
        for (const violation of undecided) report(words(violation), violation.judgeable.urn);
      },
    } satisfies StackValidationPolicy,
  ];
}

const undecidedPolicy: Omit<Policy, 'name'> = {
  description: 'A rule that could not be judged has not passed',
  enforcementLevel: 'advisory',
  severity: 'medium',
  remediationSteps: 'Nothing, where the value comes from another resource: the rule is judged again when it is known.',
  url: 'docs/policies.md#not-evaluable',
};

function resourcePolicy(rule: Rule, options: PackOptions): ResourceValidationPolicy {
  return {
    ...ruleWords(rule),
    validateResource: (args, report) => {
      const { violations } = judgeResource(args, { ...options, rules: [rule] });
      for (const violation of violations) report(words(violation));
    },
  };
}

function stackPolicy(rule: Rule, options: PackOptions): StackValidationPolicy {
  return {
    ...ruleWords(rule),
    validateStack: (args, report) => {
      const { violations } = judgeStack(args, { ...options, rules: [rule] });
      for (const violation of violations) report(words(violation), violation.judgeable.urn);
    },
  };
}

function ruleWords({ id, title, severity, fix, link, standard }: Rule): Policy {
  return {
    name: id,
    description: title,
    enforcementLevel: 'mandatory',
    severity,
    remediationSteps: fix,
    url: link,
    ...(standard === null ? {} : { tags: [`${standard.name} ${standard.id}`] }),
  };
}

function judgeResource(args: ResourceValidationArgs, options: PackOptions): Verdict {
  return judge(judgeablesOf(args), options);
}

function judgeStack({ resources }: StackValidationArgs, options: PackOptions): Verdict {
  const judgeables = resources.flatMap(judgeablesOf).map((judgeable) => {
    const { kind, properties } = judgeable.subject;
    const unknown = routeKinds.has(kind) ? firstUnknown(properties) : undefined;
    return unknown === undefined ? judgeable : { ...judgeable, unknown };
  });
  return judge(judgeables, options);
}

function judgeablesOf(
  resource: Pick<PolicyResource, 'type' | 'name' | 'urn' | 'props' | 'opts'>,
): readonly Judgeable[] {
  const { type, name, urn, props, opts } = resource;
  const stack = urn.split('::')[0]?.replace(/^urn:pulumi:/, '') ?? '';
  return pulumiSubjects(
    { type, name, urn, encrypted: opts.additionalSecretOutputs, properties: readProperties(props, urn) },
    { environment: stack, production: productionStack.test(stack) },
  );
}

/** The platform of production, its apps, and each app that has a stack of its own. */
const productionStack = /^production(?:-|$)/;

const helmRelease = 'kubernetes:helm.sh/v3:Release';

function unseen(name: string): string {
  return `Release ${name}: found objects that Helm makes in the cluster, expected objects that policies see. Use Chart of @pulumi/kubernetes, or give the output of helm template to edgeplane check -f.`;
}

function words({ at, found, expected, fix, rule }: Violation): string {
  const place = at.path === '' ? at.subject : `${at.subject}, ${at.path}`;
  return `${rule.id}: ${place}: found ${found}, expected ${expected}. ${fix}`;
}
