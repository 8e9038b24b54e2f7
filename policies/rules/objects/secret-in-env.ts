import { documented } from '../facts.ts';
import { isStated, parts, quoted, text } from '../fields.ts';
import { podOf } from '../pod.ts';
import type { EachRule } from '../rule.ts';
import { credentialIn, namesSecret } from './credential.ts';

export const secretInEnv: EachRule = {
  id: 'secret-in-env',
  title: 'No secret is written into environment or arguments of a container',
  reason: 'Whoever may read a Deployment, its history or its repository has it, and so has every crash report.',
  severity: 'critical',
  expected: 'a reference to a Secret',
  fix: 'Put the value into a Secret, name it by valueFrom.secretKeyRef or mount it as a file, and change the value.',
  link: documented('secret-in-env'),
  standard: null,
  scope: 'each',
  *judge(subject) {
    const pod = podOf(subject);
    if (pod === null) return;
    for (const container of pod.containers) {
      for (const { path, value } of parts(container.value, container.path, 'env')) {
        if (!isStated(value, 'value')) continue;
        const [variable, written] = [text(value, 'name'), text(value, 'value')];
        const credential = credentialIn(written) ?? (written !== '' && namesSecret(variable) ? 'a value' : null);
        if (credential !== null) yield { path: [...path, 'value'], found: `${credential} in ${quoted(variable)}` };
      }
      for (const list of ['command', 'args']) {
        for (const { path, value } of parts(container.value, container.path, list)) {
          const credential = typeof value === 'string' ? credentialIn(value) : null;
          if (credential !== null) yield { path, found: credential };
        }
      }
    }
  },
};
