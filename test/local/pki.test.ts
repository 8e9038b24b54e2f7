import { expect, test } from 'vitest';
import { certificateSpecs } from '../../local/pki.ts';
import { addressPlans, defaultShape, layOut } from '../../local/topology.ts';

const topology = layOut(defaultShape, addressPlans[0]!);
const specs = certificateSpecs(topology);
const named = (name: string) => specs.find((spec) => spec.name === name);

test('every kubelet has a certificate of its own, in its own name', () => {
  for (const node of topology.nodes) {
    expect(named(`kubelet-${node.name}`)).toEqual({
      name: `kubelet-${node.name}`,
      authority: 'ca',
      commonName: `system:node:${node.name}`,
      organization: 'system:nodes',
      alternativeNames: [`IP:${node.address}`, `DNS:${node.name}`],
    });
  }
});

test('only the owner of the cluster is in the group that may do anything', () => {
  expect(specs.filter((spec) => spec.organization === 'system:masters').map((spec) => spec.name)).toEqual(['admin']);
});

test('no two certificates have the same name, or the same user', () => {
  const users = specs.filter((spec) => spec.authority === 'ca').map((spec) => spec.commonName);
  expect(new Set(specs.map((spec) => spec.name)).size).toBe(specs.length);
  expect(new Set(users).size).toBe(users.length);
});

test('the API server answers to every name and address it is called by', () => {
  expect(named('kube-apiserver')?.alternativeNames).toEqual([
    'DNS:kubernetes',
    'DNS:kubernetes.default',
    'DNS:kubernetes.default.svc',
    'DNS:kubernetes.default.svc.cluster.local',
    'IP:127.0.0.1',
    `IP:${topology.controlPlane.address}`,
    `IP:${topology.kubernetesServiceAddress}`,
  ]);
});

test('nothing that the cluster’s authority signs is let into etcd', () => {
  expect(specs.filter((spec) => spec.authority === 'etcd-ca').map((spec) => spec.name)).toEqual([
    'etcd',
    'etcd-client',
  ]);
});
