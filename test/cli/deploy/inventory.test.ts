import { expect, test } from 'vitest';
import { appliedWords } from '../../../cli/deploy/deploy.ts';
import { inventoryOf, isOurs, isUnchanged, leftOver, merged, refWords } from '../../../cli/deploy/inventory.ts';
import type { KubeObject } from '../../../components/compile/output.ts';

const object = (kind: string, name: string, apiVersion = 'v1'): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'apps' },
});

test('what is remembered does not depend on the order, and namespaces and CRDs are not remembered', () => {
  const objects = [object('Service', 'b'), object('Namespace', 'apps'), object('Secret', 'a')];
  expect(inventoryOf(objects).map(refWords)).toEqual(['Secret apps/a', 'Service apps/b']);
  expect(inventoryOf(objects.toReversed())).toEqual(inventoryOf(objects));
});

test('what was applied and is no longer wanted is left over', () => {
  const before = inventoryOf([object('Service', 'a'), object('Service', 'b')]);
  expect(leftOver(before, inventoryOf([object('Service', 'b')])).map(refWords)).toEqual(['Service apps/a']);
});

test('a new version of an API makes no other object', () => {
  const before = inventoryOf([object('IngressRoute', 'a', 'traefik.io/v1alpha1')]);
  const now = inventoryOf([object('IngressRoute', 'a', 'traefik.io/v1')]);
  expect(leftOver(before, now)).toEqual([]);
  expect(merged(before, now)).toEqual(now);
});

test('a namespace is never left over, whatever an inventory says', () => {
  const ref = { apiVersion: 'v1', kind: 'Namespace', namespace: '', name: 'apps' };
  expect(leftOver([ref], [])).toEqual([]);
});

test('an object is ours by its label; namespaces and CRDs are shared', () => {
  const labels = { 'app.kubernetes.io/managed-by': 'edgeplane' };
  expect(isOurs({ ...object('Service', 'a'), metadata: { name: 'a', labels } })).toBe(true);
  expect(isOurs(object('Service', 'a'))).toBe(false);
  expect(isOurs(object('Namespace', 'a'))).toBe(true);
});

test('status, versions and the order of fields are no change; a field of the spec is', () => {
  const before = { ...object('Service', 'a'), spec: { a: 1, b: 2 }, status: { ready: 0 } };
  const meta = { ...before.metadata, resourceVersion: '7', managedFields: [] };
  expect(isUnchanged(before, { ...before, metadata: meta, spec: { b: 2, a: 1 }, status: { ready: 1 } })).toBe(true);
  expect(isUnchanged(before, { ...before, spec: { a: 1, b: 3 } })).toBe(false);
});

test('few objects are named, many counted, and keys that were made are named', () => {
  const nothing = { created: [], changed: [], removed: [], unchanged: 83, generated: [] };
  expect(appliedWords(nothing)).toBe('unchanged: all 83 objects');
  const some = {
    ...nothing,
    created: ['Service a/b'],
    removed: [...Array.from({ length: 8 }, String), 'Deployment a/c'],
    generated: ['a/routing:api-key'],
  };
  expect(appliedWords(some)).toBe(
    'created Service a/b; 9 removed with Deployment a/c; 83 unchanged\nmade and kept: a/routing:api-key',
  );
});
