import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { preparedContexts } from '../../local/choose.ts';
import { defaultShape, edgeNodeLabel, edgeNodeTaint } from '../../local/topology.ts';

const read = (file: string): unknown => parse(readFileSync(`local/${file}`, 'utf8'));
const label = `${edgeNodeLabel.key}=${edgeNodeLabel.value}`;
const wanted = defaultShape.nodes.map(({ role }) =>
  role === 'edge' ? { labels: [label], taints: [edgeNodeTaint] } : { labels: [], taints: [] },
);

interface Kind {
  readonly kind: string;
  readonly apiVersion: string;
  readonly name: string;
  readonly nodes: readonly {
    readonly role: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly kubeadmConfigPatches?: readonly string[];
  }[];
}

interface JoinConfiguration {
  readonly kind: string;
  readonly nodeRegistration: { readonly taints: readonly { key: string; value: string; effect: string }[] };
}

test('kind makes the nodes that the embedded cluster has', () => {
  const { kind, apiVersion, name, nodes } = read('kind.yaml') as Kind;
  expect({ kind, apiVersion }).toEqual({ kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4' });
  expect(`kind-${name}`).toBe(preparedContexts[0]);
  expect(nodes.filter((node) => node.role === 'control-plane')).toHaveLength(1);
  const workers = nodes
    .filter((node) => node.role === 'worker')
    .map((node) => {
      const patches = (node.kubeadmConfigPatches ?? []).map((text) => parse(text) as JoinConfiguration);
      expect(patches.every((patch) => patch.kind === 'JoinConfiguration')).toBe(true);
      const taints = patches.flatMap((patch) => patch.nodeRegistration.taints);
      return {
        labels: Object.entries(node.labels ?? {}).map(([key, value]) => `${key}=${value}`),
        taints: taints.map(({ key, value, effect }) => `${key}=${value}:${effect}`),
      };
    });
  expect(workers).toEqual(wanted);
});

interface K3d {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string };
  readonly servers: number;
  readonly agents: number;
  readonly options: {
    readonly k3s: {
      readonly extraArgs: readonly { readonly arg: string; readonly nodeFilters: readonly string[] }[];
      readonly nodeLabels: readonly { readonly label: string; readonly nodeFilters: readonly string[] }[];
    };
  };
}

test('k3d makes the nodes that the embedded cluster has', () => {
  const { kind, apiVersion, metadata, servers, agents, options } = read('k3d.yaml') as K3d;
  expect({ kind, apiVersion, servers }).toEqual({ kind: 'Simple', apiVersion: 'k3d.io/v1alpha5', servers: 1 });
  expect(`k3d-${metadata.name}`).toBe(preparedContexts[1]);
  const { extraArgs, nodeLabels } = options.k3s;
  const prefix = '--node-taint=';
  const made = Array.from({ length: agents }, (_, index) => {
    const mine = (row: { readonly nodeFilters: readonly string[] }) => row.nodeFilters.includes(`agent:${index}`);
    const taints = extraArgs.filter((row) => mine(row) && row.arg.startsWith(prefix));
    return {
      labels: nodeLabels.filter(mine).map((row) => row.label),
      taints: taints.map((row) => row.arg.slice(prefix.length)),
    };
  });
  expect(made).toEqual(wanted);
});

test('k3d starts without the edge that k3s brings', () => {
  const { options } = read('k3d.yaml') as K3d;
  expect(options.k3s.extraArgs.map((row) => row.arg)).toEqual(
    expect.arrayContaining(['--disable=traefik', '--disable=servicelb']),
  );
});
