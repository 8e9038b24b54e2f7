import { inside } from './cluster.ts';
import { run } from './command.ts';
import type { Topology } from './topology.ts';

/** A port of the edge nodes that an environment opens to the outside. */
export interface OpenPort {
  readonly protocol: 'tcp' | 'udp';
  /** 1 to 65535. */
  readonly port: number;
  /** CIDRs that may reach it; empty means everybody. */
  readonly sources: readonly string[];
}

const outsideLink = 'out0';
const insideLink = 'in0';

/**
 * The filter table of the router, whole, in the words of `iptables-restore`: it replaces all rules in one step, so
 * repeating it changes nothing and no packet meets half of it. Like a cloud's firewall it judges what crosses from outside to inside:
 * nothing but the API server's port and, on edge nodes, the open ports. Nodes may reach the outside. The router
 * itself answers on the load balancer's addresses and to ping.
 */
export function firewallRules(topology: Topology, openPorts: readonly OpenPort[]): string {
  const { outside, controlPlane, nodes } = topology;
  const edges = nodes.filter((node) => node.role === 'edge');
  const pool = `${outside.loadBalancerPool[0]}-${outside.loadBalancerPool.at(-1)}`;
  const established = '-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT';
  const fromOutside = `-A FORWARD -i ${outsideLink} -o ${insideLink}`;
  return [
    '*filter',
    ':INPUT DROP [0:0]',
    ':FORWARD DROP [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    '-A INPUT -i lo -j ACCEPT',
    `-A INPUT ${established}`,
    '-A INPUT -p icmp -j ACCEPT',
    `-A INPUT -p tcp -m iprange --dst-range ${pool} -j ACCEPT`,
    `-A FORWARD ${established}`,
    `-A FORWARD -i ${insideLink} -j ACCEPT`,
    `${fromOutside} -s ${outside.cidr} -d ${controlPlane.address}/32 -p tcp --dport ${controlPlane.apiPort} -j ACCEPT`,
    ...edges.flatMap((edge) =>
      uniqueRules(openPorts).map((rule) => `${fromOutside} -d ${edge.address}/32 ${rule} -j ACCEPT`),
    ),
    'COMMIT',
    '',
  ].join('\n');
}

/** One match for each port and source, sorted, so that the order in which an environment lists them is no difference. */
function uniqueRules(openPorts: readonly OpenPort[]): readonly string[] {
  const rules = openPorts.flatMap(({ protocol, port, sources }) => {
    const match = `-p ${protocol} --dport ${port}`;
    return sources.length === 0 ? [match] : sources.map((source) => `-s ${source} ${match}`);
  });
  return [...new Set(rules)].toSorted();
}

/**
 * Brings the firewall to these open ports, whatever it was before. The router's namespace must exist.
 * @throws CommandFailed when iptables refuses a rule; the rules before stay.
 */
export async function applyFirewall(topology: Topology, openPorts: readonly OpenPort[]): Promise<void> {
  const [program = '', ...args] = [...inside(topology.router), 'iptables-restore', '--wait', '5'];
  await run(program, args, { input: firewallRules(topology, openPorts) });
}
