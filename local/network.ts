import { existsSync } from 'node:fs';
import { attempt, run } from './command.ts';
import type { Topology } from './topology.ts';

/** One namespace and the `ip` lines that furnish it. Each line is safe to repeat. */
export interface NamespacePlan {
  readonly netns: string;
  readonly lines: readonly string[];
  /** Files under /proc/sys/net and what is to stand in them; absent files are skipped. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** Everything that makes the cluster's networks. */
export interface NetworkPlan {
  readonly netns: readonly string[];
  /** Run first, by the machine: pairs of ends, each put in its namespace. */
  readonly links: readonly string[];
  /** Run last, by the machine: its own end and its one route. */
  readonly host: readonly string[];
  readonly namespaces: readonly NamespacePlan[];
}

const inBridge = 'in0';
const width = (cidr: string) => cidr.slice(cidr.indexOf('/'));

/** Pod ranges are reached through the node that owns them, by its address on the inside network. */
const podRoutes = (topology: Topology, except?: string) =>
  topology.nodes
    .filter((node) => node.name !== except)
    .map((node) => `route replace ${node.podCidr} via ${node.address}`);

function routerPlan(topology: Topology): NamespacePlan {
  const { router, inside, outside } = topology;
  const ends = topology.nodes.map((_, index) => `n${index}`).concat('control');
  return {
    netns: router.netns,
    lines: [
      'link set lo up',
      `link add ${inBridge} type bridge`,
      `addr replace ${router.address}${width(inside.cidr)} dev ${inBridge}`,
      `link set ${inBridge} up`,
      ...ends.flatMap((end) => [`link set ${end} master ${inBridge}`, `link set ${end} up`]),
      `addr replace ${router.outsideAddress}${width(outside.cidr)} dev out0`,
      'link set out0 up',
      ...podRoutes(topology),
    ],
    // Frames between two nodes stay on the bridge: they are one network, no firewall stands between them.
    sysctls: { 'ipv4/ip_forward': '1', 'bridge/bridge-nf-call-iptables': '0', 'bridge/bridge-nf-call-ip6tables': '0' },
  };
}

function memberPlan(
  topology: Topology,
  place: { readonly name: string; readonly netns: string; readonly address: string },
) {
  return {
    netns: place.netns,
    lines: [
      'link set lo up',
      `addr replace ${place.address}${width(topology.inside.cidr)} dev eth0`,
      'link set eth0 up',
      `route replace default via ${topology.router.address}`,
      ...podRoutes(topology, place.name),
    ],
    sysctls: { 'ipv4/ip_forward': '1' },
  };
}

/** The commands that lay the networks of a topology, as data. */
export function planNetwork(topology: Topology): NetworkPlan {
  const { router, controlPlane, nodes, outside, inside } = topology;
  const pair = (end: string, place: { readonly netns: string }) =>
    `link add ${end} netns ${router.netns} type veth peer name eth0 netns ${place.netns}`;
  return {
    netns: [router, controlPlane, ...nodes].map((place) => place.netns),
    links: [
      `link add ${outside.hostLink} type veth peer name out0 netns ${router.netns}`,
      pair('control', controlPlane),
      ...nodes.map((node, index) => pair(`n${index}`, node)),
    ],
    namespaces: [routerPlan(topology), ...[controlPlane, ...nodes].map((place) => memberPlan(topology, place))],
    host: [
      `addr replace ${outside.host}${width(outside.cidr)} dev ${outside.hostLink}`,
      `link set ${outside.hostLink} up`,
      `route replace ${inside.cidr} via ${router.outsideAddress}`,
    ],
  };
}

const harmless = /^(RTNETLINK answers: File exists|Command failed -:\d+|)$/;

/** Runs lines of `ip`, in a namespace or in the machine's own; that something is there already is no failure. */
async function ip(lines: readonly string[], netns?: string): Promise<void> {
  const args = [...(netns === undefined ? [] : ['-n', netns]), '-force', '-batch', '-'];
  const { stderr } = await attempt('ip', args, { input: `${lines.join('\n')}\n` });
  const problems = stderr.split('\n').filter((line) => !harmless.test(line.trim()));
  if (problems.length > 0) throw new Error(`ip in ${netns ?? 'the machine'}: ${problems.join('; ')}`);
}

async function furnish(plan: NamespacePlan): Promise<void> {
  await ip(plan.lines, plan.netns);
  const script = Object.entries(plan.sysctls)
    .map(([file, value]) => `[ ! -e /proc/sys/net/${file} ] || echo ${value} > /proc/sys/net/${file}`)
    .join('\n');
  await run('nsenter', [`--net=/run/netns/${plan.netns}`, '--', 'sh', '-ec', script]);
}

/** Makes what is missing of the namespaces, links, addresses and routes. Safe to repeat. */
export async function ensureNetwork(topology: Topology): Promise<void> {
  const plan = planNetwork(topology);
  for (const netns of plan.netns) {
    if (!existsSync(`/run/netns/${netns}`)) await run('ip', ['netns', 'add', netns]);
  }
  await ip(plan.links);
  await Promise.all(plan.namespaces.map(furnish));
  await ip(plan.host);
}

/** Whether the last thing {@link ensureNetwork} makes is there, and every namespace. */
export async function hasNetwork(topology: Topology): Promise<boolean> {
  const plan = planNetwork(topology);
  if (!plan.netns.every((netns) => existsSync(`/run/netns/${netns}`))) return false;
  const { stdout } = await attempt('ip', ['route', 'show', topology.inside.cidr]);
  return stdout.includes(`via ${topology.router.outsideAddress} dev ${topology.outside.hostLink}`);
}

/** Removes the link and every namespace of the cluster, half-made ones too. Their routes and rules go with them. */
export async function removeNetwork(topology: Topology): Promise<void> {
  await attempt('ip', ['link', 'del', topology.outside.hostLink]);
  for (const netns of planNetwork(topology).netns) {
    if (existsSync(`/run/netns/${netns}`)) await run('ip', ['netns', 'del', netns]);
  }
}
