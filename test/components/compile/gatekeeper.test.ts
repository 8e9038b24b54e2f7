import { expect, test } from 'vitest';
import { gatekeeperUrl } from '../../../components/compile/gatekeeper.ts';
import type { Protection } from '../../../components/model/schema/app.ts';
import { app, compiled, objectIn } from './definitions.ts';

interface Pod {
  readonly volumes: readonly object[];
  readonly containers: readonly object[];
}

const guarded = (protection: Protection, namespace = 'shop') =>
  app({ namespace, routes: [{ hosts: [`${namespace}.example.org`], protection }] });
const groupsOf = (...definitions: readonly unknown[]) =>
  compiled(definitions).groups.filter(({ name }) => name.endsWith('/edgeplane-gatekeeper'));

test('each namespace that asks for a key has a gatekeeper of its own, others have none', () => {
  expect(
    groupsOf(guarded({ apiKey: {} }), guarded({ bearer: {} }, 'blog'), guarded({ open: 'public pages' }, 'docs')),
  ).toMatchObject([
    { kind: 'platform', name: 'blog/edgeplane-gatekeeper' },
    { kind: 'platform', name: 'shop/edgeplane-gatekeeper' },
  ]);
});

test('a gatekeeper has every Secret mounted, only the keys that are asked for, and runs without them', () => {
  const [group] = groupsOf(
    app({
      routes: [
        { hosts: ['a.example.org'], protection: { apiKey: {} } },
        { hosts: ['b.example.org'], protection: { bearer: { secret: 'partners:acme' } } },
      ],
    }),
  );
  const deployment = objectIn(group?.objects ?? [], 'Deployment', 'edgeplane-gatekeeper');
  const { spec: pod } = (deployment.spec as { template: { spec: Pod } }).template;
  const item = (key: string) => ({ key, path: key });
  expect(pod.volumes).toMatchObject([
    {
      secret: {
        secretName: 'partners',
        optional: true,
        items: ['acme', 'acme-previous', 'acme-previous-until'].map(item),
      },
    },
    {
      secret: {
        secretName: 'routing',
        optional: true,
        items: ['api-key', 'api-key-previous', 'api-key-previous-until'].map(item),
      },
    },
  ]);
  expect(pod.containers[0]).toMatchObject({
    volumeMounts: [
      { mountPath: '/etc/edgeplane/secrets/partners', readOnly: true },
      { mountPath: '/etc/edgeplane/secrets/routing', readOnly: true },
    ],
  });
  expect(pod.containers[0]).not.toHaveProperty('env');
  expect(pod).toMatchObject({ automountServiceAccountToken: false, terminationGracePeriodSeconds: 20 });
});

test('the URL names the namespace’s gatekeeper, the kind of check and the key', () => {
  expect(gatekeeperUrl('shop', { kind: 'apiKey', secret: 'routing', key: 'api-key' })).toBe(
    'http://edgeplane-gatekeeper.shop.svc.cluster.local:8080/auth/api-key?secret=routing&key=api-key',
  );
  expect(gatekeeperUrl('shop', { kind: 'bearer', secret: 'partners', key: 'acme' })).toBe(
    'http://edgeplane-gatekeeper.shop.svc.cluster.local:8080/auth/bearer?secret=partners&key=acme',
  );
});
