import { documented } from '../facts.ts';
import { names, text } from '../fields.ts';
import type { EachRule, Fault, Subject } from '../rule.ts';
import { credentialIn } from './credential.ts';

export const secretInObject: EachRule = {
  id: 'secret-in-object',
  title: 'No object has a secret written into it in the clear',
  reason: 'YAML lies in repositories and pipelines; base64 hides nothing.',
  severity: 'critical',
  expected: 'values that come from elsewhere: an ExternalSecret, or Pulumi’s encrypted state',
  fix: 'Take the value out, let the cluster or the store bring it, and change it: it was written down.',
  link: documented('secret-in-object'),
  standard: null,
  scope: 'each',
  *judge(subject) {
    if (subject.apiVersion === 'v1' && subject.kind === 'Secret') yield* secretFaults(subject);
    if (subject.apiVersion === 'v1' && subject.kind === 'ConfigMap') yield* texts(subject, ['data']);
    if (subject.apiVersion !== '') yield* texts(subject, ['metadata', 'annotations']);
  },
};

/** A Secret's values may be there where they are kept encrypted. Their content is not looked at. */
function* secretFaults({ properties, encrypted }: Subject): Iterable<Fault> {
  for (const holder of ['data', 'stringData']) {
    const keys = names(properties, holder);
    if (keys.length === 0 || encrypted.includes(holder)) continue;
    yield { path: [holder], found: `values of ${keys.join(', ')}` };
  }
}

function* texts({ properties }: Subject, path: readonly string[]): Iterable<Fault> {
  for (const name of names(properties, ...path)) {
    const credential = credentialIn(text(properties, ...path, name));
    if (credential !== null) yield { path: [...path, name], found: credential };
  }
}
