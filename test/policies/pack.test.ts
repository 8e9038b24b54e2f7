import { expect, test } from 'vitest';
import { notEvaluable, packPolicies } from '../../policies/pack/policies.ts';
import { rules } from '../../policies/rules/all.ts';
import { changed } from './corpus/case.ts';
import { edgePool } from './corpus/cis-gke.ts';
import { pod } from './corpus/pod-security.ts';
import { byPack, today, unknown, violationsIn } from './roads.ts';

const image = ['spec', 'containers', 0, 'image'];

test('each rule is a mandatory policy of its own name; only what cannot be judged is advisory', () => {
  const policies = packPolicies({ rules, exemptions: [], today });
  const mandatory = policies.filter(({ enforcementLevel }) => enforcementLevel === 'mandatory');
  expect(mandatory.map(({ name }) => name).toSorted()).toEqual(rules.map(({ id }) => id).toSorted());
  const others = policies.filter((policy) => !mandatory.includes(policy));
  expect(others.map(({ name, enforcementLevel }) => [name, enforcementLevel])).toEqual([
    [notEvaluable.resource, 'advisory'],
    [notEvaluable.stack, 'advisory'],
  ]);
});

test('a value that a preview does not know is reported by rule and place, and never passes', async () => {
  const reported = await byPack([changed(pod, image, unknown)], 'production');
  const told = reported.filter(({ policy }) => policy === notEvaluable.resource).map(({ message }) => message);
  for (const rule of ['image-pinned', 'version-floor'])
    expect(told.join('\n')).toContain(
      `${rule}: Pod shop/cart, spec.containers[0].image: found a value that is known only`,
    );
  expect(violationsIn(reported).map(({ policy }) => policy)).not.toContain('pod-security-privileged');
});

test('what is known beside an unknown value is judged all the same', async () => {
  const mixed = changed(changed(pod, image, unknown), ['spec', 'containers', 0, 'securityContext', 'privileged'], true);
  const policies = violationsIn(await byPack([mixed], 'staging')).map(({ policy }) => policy);
  expect(policies).toContain('pod-security-privileged');
  const [first, second] = [changed(pod, ['spec', 'initContainers', 0, 'image'], 'cart'), image];
  const found = violationsIn(await byPack([changed(first, second, unknown)], 'staging'));
  expect(found.map(({ policy }) => policy)).toContain('image-pinned');
});

test('a route with a value that is not known is reported for every rule about routes', async () => {
  const ingress = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'cart', namespace: 'shop' },
    spec: { rules: [{ host: unknown }] },
  };
  const reported = await byPack([ingress], 'staging');
  const told = reported
    .filter(({ policy }) => policy === notEvaluable.stack)
    .map(({ message }) => message.split(':')[0]);
  expect(told.toSorted()).toEqual(['one-owner', 'open-route-reason', 'tls-outside-local']);
});

test('an account and a key that are made in the same deployment count as stated', async () => {
  const inputs = ['inputs', 'nodeConfig'];
  const made = changed(
    changed(edgePool, [...inputs, 'serviceAccount'], unknown),
    [...inputs, 'bootDiskKmsKey'],
    unknown,
  );
  expect(await byPack([made], 'production')).toEqual([]);
});

test.each(['production', 'production-apps', 'production-cart'])('the stack %s is held to production', async (stack) => {
  const only = (policy: string) => policy === 'image-pinned';
  expect(await byPack([pod], stack, [], only)).not.toEqual([]);
  expect(await byPack([pod], 'reproduction', [], only)).toEqual([]);
});

test('values of a Secret are a fault in the clear, and none where Pulumi keeps them encrypted', async () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'routing', namespace: 'shop' },
    data: { key: 'eA==' },
  };
  const only = (policy: string) => policy === 'secret-in-object';
  expect(await byPack([secret], 'staging', [], only)).toHaveLength(1);
  expect(await byPack([secret], 'staging', [], only, ['data', 'stringData'])).toEqual([]);
});

test('a namespace that is made in the same deployment stops the rules that go by it, and no other', async () => {
  const placed = changed(changed(pod, ['metadata', 'namespace'], unknown), image, 'cart');
  const reported = await byPack([placed], 'staging');
  expect(violationsIn(reported).map(({ policy }) => policy)).toEqual(['image-pinned']);
  const told = reported
    .filter(({ policy }) => policy === notEvaluable.stack)
    .map(({ message }) => message.split(':')[0]);
  expect(told).toContain('network-policy-present');
});

test('a Helm release is reported, because its objects are made where no policy sees them', async () => {
  const release = { resource: 'kubernetes:helm.sh/v3:Release', name: 'grafana', inputs: { chart: 'grafana' } };
  const reported = await byPack([release], 'staging');
  expect(reported.map(({ policy }) => policy)).toEqual([notEvaluable.resource]);
});
