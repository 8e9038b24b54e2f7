import { documented } from '../facts.ts';
import { field, isStated, names, namespaceIn, parts, text, texts } from '../fields.ts';
import { below, type Pod, podOf } from '../pod.ts';
import type { Subject, TogetherRule } from '../rule.ts';

export const networkPolicyPresent: TogetherRule = {
  id: 'network-policy-present',
  title: 'Each pod has a network policy that says who may call it',
  reason: 'Without one every pod of the cluster can call it past the edge, and so past its protection.',
  severity: 'high',
  expected: 'a NetworkPolicy of the namespace that selects the pod, for Ingress',
  fix: 'Leave `networkPolicy` of the environment on, or write a policy that selects the pod.',
  link: documented('network-policy-present'),
  standard: null,
  scope: 'together',
  readsRoutes: false,
  *judge({ subjects }) {
    const policies = subjects.filter(isIngressPolicy);
    for (const subject of subjects) {
      const pod = podOf(subject);
      if (pod === null || field(pod.value, 'hostNetwork') === true) continue;
      const namespace = namespaceIn(subject.properties);
      const own = policies.filter((policy) => namespaceIn(policy.properties) === namespace);
      if (own.some((policy) => selectsPod(policy, pod))) continue;
      yield { subject, path: below(pod.metadata, 'labels'), found: 'labels that no policy selects' };
    }
  },
};

function isIngressPolicy({ apiVersion, kind, properties }: Subject): boolean {
  if (kind !== 'NetworkPolicy' || !apiVersion.startsWith('networking.k8s.io/')) return false;
  return !isStated(properties, 'spec', 'policyTypes') || texts(properties, 'spec', 'policyTypes').includes('Ingress');
}

function selectsPod({ properties }: Subject, pod: Pod): boolean {
  const selector = field(properties, 'spec', 'podSelector');
  const labelOf = (key: string) => field(pod.metadata.value, 'labels', key);
  const labels = names(selector, 'matchLabels').every((key) => labelOf(key) === text(selector, 'matchLabels', key));
  return labels && parts(selector, [], 'matchExpressions').every(({ value }) => fits(value, labelOf));
}

function fits(expression: unknown, labelOf: (key: string) => unknown): boolean {
  const [label, values] = [labelOf(text(expression, 'key')), texts(expression, 'values')];
  switch (text(expression, 'operator')) {
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    case 'In':
      return typeof label === 'string' && values.includes(label);
    case 'NotIn':
      return typeof label !== 'string' || !values.includes(label);
    default:
      return false;
  }
}
