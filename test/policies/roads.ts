import type { Policies, PolicyResource, ResourceValidationArgs, StackValidationArgs } from '@pulumi/policy';
import * as proxy from '@pulumi/policy/proxy';
import { parseAllDocuments, stringify } from 'yaml';
import type { Exemption } from '../../policies/judge/exemption.ts';
import { judge, type Verdict } from '../../policies/judge/judge.ts';
import { kubernetesSubjects, pulumiSubjects } from '../../policies/judge/subject.ts';
import { notEvaluable, packPolicies } from '../../policies/pack/policies.ts';
import { rules } from '../../policies/rules/all.ts';
import type { Written } from './corpus/case.ts';

/** What the SDK itself wraps properties with; its types keep it to itself. */
const { unknownCheckingProxy, unknownStringValue } = proxy as unknown as {
  readonly unknownCheckingProxy: (value: unknown) => Record<string, unknown>;
  readonly unknownStringValue: string;
};

/** A text that the engine does not know at preview. */
export const unknown = unknownStringValue;

export const today = '2026-11-21';

/** By the road of `edgeplane check`: Kubernetes objects through YAML text, resources of a cloud as they are. */
export function byYaml(written: readonly Written[], stack: string, exemptions: readonly Exemption[] = []): Verdict {
  const around = { environment: stack, production: stack === 'production' };
  const judgeables = written.flatMap((each) => {
    if (isResource(each)) {
      const { resource, name, inputs } = each;
      return pulumiSubjects(
        { type: resource, name, urn: urnOf(each, stack), properties: inputs, encrypted: [] },
        around,
      );
    }
    const [document] = [parseAllDocuments(stringify(each))].flat();
    return kubernetesSubjects([{ object: document?.toJS() }], around);
  });
  return judge(judgeables, { rules, exemptions, today });
}

/** What a policy of the pack reported. */
export interface Reported {
  readonly policy: string;
  readonly message: string;
}

/** By the road of the policy pack: the validate functions of its policies with the arguments that the SDK gives them. */
export async function byPack(
  written: readonly Written[],
  stack: string,
  exemptions: readonly Exemption[] = [],
  only: (policy: string) => boolean = () => true,
  encrypted: string[] = [],
): Promise<readonly Reported[]> {
  const reported: Reported[] = [];
  const resources = written.map((each) => policyResource(each, stack, encrypted));
  for (const policy of packPolicies({ rules, exemptions, today }).filter(({ name }) => only(name))) {
    const report = (message: string) => void reported.push({ policy: policy.name, message });
    if ('validateStack' in policy) await policy.validateStack({ resources } as unknown as StackValidationArgs, report);
    else await validateAll(policy, resources, report);
  }
  return reported;
}

async function validateAll(
  { validateResource }: Exclude<Policies[number], { validateStack: unknown }>,
  resources: readonly PolicyResource[],
  report: (message: string) => void,
): Promise<void> {
  for (const validate of [validateResource ?? []].flat()) {
    for (const resource of resources) await validate(resource as unknown as ResourceValidationArgs, report);
  }
}

/** What was reported apart from what could not be judged. */
export function violationsIn(reported: readonly Reported[]): readonly Reported[] {
  return reported.filter(({ policy }) => policy !== notEvaluable.resource && policy !== notEvaluable.stack);
}

/** As the SDK makes it from what the engine sends: properties behind its proxy, options with their defaults. */
function policyResource(written: Written, stack: string, encrypted: string[]): PolicyResource {
  const type = isResource(written) ? written.resource : pulumiType(written);
  return {
    type,
    name: nameOf(written),
    urn: urnOf(written, stack),
    props: unknownCheckingProxy(structuredClone(isResource(written) ? written.inputs : written)),
    opts: {
      protect: false,
      ignoreChanges: [],
      aliases: [],
      customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
      additionalSecretOutputs: encrypted,
    },
    dependencies: [],
    propertyDependencies: {},
    isType: () => false,
    asType: () => undefined,
  };
}

function isResource(written: Written): written is Extract<Written, { readonly resource: string }> {
  return typeof written.resource === 'string';
}

function pulumiType({ apiVersion, kind }: Readonly<Record<string, unknown>>): string {
  const group = String(apiVersion);
  return `kubernetes:${group.includes('/') ? group : `core/${group}`}:${String(kind)}`;
}

function nameOf(written: Written): string {
  return isResource(written) ? written.name : (written.metadata as { readonly name: string }).name;
}

function urnOf(written: Written, stack: string): string {
  const type = isResource(written) ? written.resource : pulumiType(written);
  return `urn:pulumi:${stack}::edgeplane::${type}::${nameOf(written)}`;
}
