import { expect, test } from 'vitest';
import { planNetwork } from '../../local/network.ts';
import { addressPlans, defaultShape, layOut } from '../../local/topology.ts';

const topology = layOut(defaultShape, addressPlans[0]!);
const plan = planNetwork(topology);
const linesOf = (netns: string) => plan.namespaces.find((namespace) => namespace.netns === netns)?.lines ?? [];

test('the machine gets one link, one address and one route', () => {
  expect(plan.host).toEqual([
    'addr replace 10.201.2.1/24 dev ep-local',
    'link set ep-local up',
    'route replace 10.201.1.0/24 via 10.201.2.2',
  ]);
  expect(plan.links.filter((line) => !line.includes(' netns edgeplane-local-router type'))).toEqual([
    'link add ep-local type veth peer name out0 netns edgeplane-local-router',
  ]);
});

test('every node routes by default through the router, and to the pods of every other node directly', () => {
  for (const node of topology.nodes) {
    const routes = linesOf(node.netns).filter((line) => line.startsWith('route'));
    const others = topology.nodes.filter((other) => other !== node);
    expect(routes).toEqual([
      'route replace default via 10.201.1.1',
      ...others.map((other) => `route replace ${other.podCidr} via ${other.address}`),
    ]);
  }
});

test('the router and the control plane reach the pods of every node', () => {
  for (const place of [topology.router, topology.controlPlane]) {
    for (const node of topology.nodes) {
      expect(linesOf(place.netns)).toContain(`route replace ${node.podCidr} via ${node.address}`);
    }
  }
});

test('every line may be repeated: it replaces, sets, or adds what `ip` then says exists', () => {
  const all = [...plan.links, ...plan.host, ...plan.namespaces.flatMap((namespace) => namespace.lines)];
  expect(all.filter((line) => !/^(addr replace|route replace|link set|link add) /.test(line))).toEqual([]);
});

test('no name of a link is longer than the kernel takes', () => {
  const all = [...plan.links, ...plan.namespaces.flatMap((namespace) => namespace.lines)];
  const names = all.flatMap((line) =>
    [...line.matchAll(/(?:link (?:add|set)|dev|name) (\S+)/g)].map((match) => match[1] ?? ''),
  );
  expect(names.filter((name) => name.length > 15)).toEqual([]);
  expect(names.length).toBeGreaterThan(20);
});
