import { at, type FoundObject, listAt, textAt } from './kube-object.ts';
import { harmlessPolicies } from './tables/gateway-objects.ts';

/** An object that changes others from outside, by `targetRef`. */
export interface Policy {
  readonly object: FoundObject;
  readonly targets: readonly { readonly kind: string; readonly name: string }[];
}

/** The policies among objects: whatever has a `targetRef` or `targetRefs`, but for kinds that change no answer. */
export function policiesOf(objects: readonly FoundObject[]): readonly Policy[] {
  return objects.flatMap((object) => {
    const single = at(object.body, 'spec', 'targetRef');
    const references = [...(single === undefined ? [] : [single]), ...listAt(object.body, 'spec', 'targetRefs')];
    const targets = references.map((one) => ({ kind: textAt(one, 'kind'), name: textAt(one, 'name') }));
    return targets.length === 0 || harmlessPolicies.has(object.kind) ? [] : [{ object, targets }];
  });
}
