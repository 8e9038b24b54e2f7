import { expect, test } from 'vitest';
import { clusterApi } from '../../../cli/deploy/cluster-api.ts';
import { ApiFailed, type KubeApi } from '../../../local/kube.ts';

const group = '/apis/traefik.io/v1alpha1';
const ref = { apiVersion: 'traefik.io/v1alpha1', kind: 'Middleware', namespace: 'shop', name: 'strip' };

test('a kind that a group did not have yet when it was asked first is found once it has it', async () => {
  const resources = [{ name: 'ingressroutes', kind: 'IngressRoute', namespaced: true }];
  const object = { apiVersion: ref.apiVersion, kind: ref.kind, metadata: { name: ref.name } };
  const kube = {
    get: async (path: string) => {
      if (path === group) return { resources };
      if (path === `${group}/namespaces/shop/middlewares/strip`) return object;
      throw new ApiFailed(404, path, '');
    },
  } as KubeApi;
  const api = clusterApi(kube);
  expect(await api.read(ref)).toBeUndefined();
  resources.push({ name: 'middlewares', kind: 'Middleware', namespaced: true });
  expect(await api.read(ref)).toEqual(object);
});
