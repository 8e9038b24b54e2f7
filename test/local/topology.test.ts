import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overlap, parseRange } from '../../local/ranges.ts';
import { addressPlans, defaultShape, layOut, shapeOf, shapeProblems } from '../../local/topology.ts';

const [plan = { base: '', pods: '', services: '' }] = addressPlans;
const shapes = fc.record({ edges: fc.nat(20), workers: fc.integer({ min: 1, max: 20 }) });

test('the default cluster has two tainted, labelled edge nodes and two plain workers', () => {
  const nodes = layOut(defaultShape, plan).nodes.map(({ name, labels, taints }) => ({ name, labels, taints }));
  const edge = { labels: { role: 'edge-router' }, taints: ['dedicated=edge-router:NoSchedule'] };
  expect(nodes).toEqual([
    { name: 'edge-1', ...edge },
    { name: 'edge-2', ...edge },
    { name: 'worker-1', labels: {}, taints: [] },
    { name: 'worker-2', labels: {}, taints: [] },
  ]);
});

test('no address is given twice, whatever the shape', () => {
  fc.assert(
    fc.property(shapes, ({ edges, workers }) => {
      const topology = layOut(shapeOf('any', edges, workers), plan);
      const { outside, router, controlPlane, nodes } = topology;
      const inside = [router, controlPlane, ...nodes].map((place) => place.address);
      const all = [...inside, outside.host, router.outsideAddress, ...outside.loadBalancerPool];
      expect(new Set(all).size).toBe(all.length);
    }),
  );
});

test('no two networks of a cluster overlap, and those of two plans never do', () => {
  const networks = addressPlans.flatMap((candidate) => {
    const { base, podCidr, serviceCidr } = layOut(defaultShape, candidate);
    return [base, podCidr, serviceCidr].map((text) => parseRange(text));
  });
  const clashes = networks.flatMap((a, i) => networks.slice(i + 1).filter((b) => a && b && overlap(a, b)));
  expect(networks.every((network) => network !== undefined)).toBe(true);
  expect(clashes).toEqual([]);
});

test('every pod range lies within the pod network, and no two are the same', () => {
  fc.assert(
    fc.property(shapes, ({ edges, workers }) => {
      const topology = layOut(shapeOf('any', edges, workers), plan);
      const whole = parseRange(topology.podCidr)!;
      const own = topology.nodes.map((node) => parseRange(node.podCidr)!);
      expect(own.every((range) => range.first >= whole.first && range.last <= whole.last)).toBe(true);
      expect(new Set(own.map((range) => range.first)).size).toBe(own.length);
    }),
  );
});

test('the addresses of the API server and of the name server are in the Service network', () => {
  const { serviceCidr, kubernetesServiceAddress, dnsAddress } = layOut(defaultShape, plan);
  const services = parseRange(serviceCidr)!;
  for (const address of [kubernetesServiceAddress, dnsAddress])
    expect(overlap(services, parseRange(address)!)).toBe(true);
});

test('the link has a name that the kernel takes, for the longest name a cluster may have', () => {
  expect(layOut(shapeOf('abcdefgh', 1, 1), plan).outside.hostLink.length).toBeLessThanOrEqual(15);
  expect(shapeProblems(shapeOf('abcdefgh', 1, 1))).toEqual([]);
});

test.each(['', 'Local', 'a-b', '1st', 'ninechars', '../x'])('%j is no name of a cluster', (name) => {
  expect(shapeProblems(shapeOf(name, 1, 1))).toEqual([expect.stringContaining(`found ${name}`)]);
});

test('a cluster without a worker has nowhere to put its name server', () => {
  expect(shapeProblems(shapeOf('local', 2, 0))).toEqual(['nodes: found no worker, expected at least one']);
});

test('two nodes of one name are named, all problems at once', () => {
  const node = { name: 'a', role: 'edge' } as const;
  expect(shapeProblems({ name: 'X', nodes: [node, node] })).toHaveLength(3);
});
