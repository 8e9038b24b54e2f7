import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { ObjectGroup } from '../compile/output.ts';

/**
 * Puts compiled objects below a construct, in place of those it had. They keep names and namespaces; labels that the
 * chart itself has are added by cdk8s.
 */
export function placeObjects(scope: Construct, groups: readonly ObjectGroup[]): void {
  scope.node.tryRemoveChild('objects');
  const parent = new Construct(scope, 'objects');
  for (const { metadata, ...fields } of groups.flatMap((group) => group.objects)) {
    const id = [fields.kind.toLowerCase(), metadata.namespace, metadata.name].filter(Boolean).join('-');
    // cdk8s types metadata with an index signature of `any` and mutable records; the data is the same.
    new ApiObject(parent, id, { ...fields, metadata: { ...metadata } });
  }
}
