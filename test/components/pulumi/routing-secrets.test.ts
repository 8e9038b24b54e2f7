import { ComponentResource } from '@pulumi/pulumi';
import { expect, test } from 'vitest';
import { type Graph, hidden, recorded } from '../../../components/pulumi/preview.ts';
import { RoutingSecrets } from '../../../components/pulumi/routing-secrets.ts';

const wanted = [{ namespace: 'shop', name: 'routing', type: 'Opaque', keys: ['api-key'] }] as const;
const made = (type: string) => (type.endsWith(':RandomPassword') ? { result: 'x'.repeat(40) } : {});

function graphOf(generation: number): Promise<Graph> {
  return recorded('test', { preview: false, platform: {}, made }, () => {
    const secrets = new RoutingSecrets('test', { wanted, generation, before: () => [] });
    return { values: secrets.values, isComponent: secrets instanceof ComponentResource };
  });
}

const passwords = ({ resources }: Graph) =>
  resources.filter(({ type }) => type.endsWith(':RandomPassword')).map(({ urn }) => urn.split('::').at(-1));
const objectOf = ({ resources }: Graph) => resources.find(({ type }) => type.startsWith('kubernetes:'));

test('a rotation makes one new value and keeps the last one as previous', async () => {
  const [first, second, third] = [await graphOf(0), await graphOf(1), await graphOf(2)];
  expect(passwords(first)).toEqual(['shop/routing:api-key#0']);
  expect(passwords(second).toSorted()).toEqual(['shop/routing:api-key#0', 'shop/routing:api-key#1']);
  expect(passwords(third).toSorted()).toEqual(['shop/routing:api-key#1', 'shop/routing:api-key#2']);
});

test('the Secret keeps its URN over a rotation: it is changed in place', async () => {
  expect(objectOf(await graphOf(0))?.urn).toBe(objectOf(await graphOf(5))?.urn);
});

test('values are secret wherever they stand', async () => {
  const graph = await graphOf(1);
  expect(objectOf(graph)?.inputs.data).toBe(hidden);
  expect(graph.outputs.values).toBe(hidden);
  expect(JSON.stringify(graph)).not.toContain('x'.repeat(40));
});
