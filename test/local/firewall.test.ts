import { expect, test } from 'vitest';
import { firewallRules } from '../../local/firewall.ts';
import { addressPlans, defaultShape, layOut } from '../../local/topology.ts';

const topology = layOut(defaultShape, addressPlans[0]!);

test('the whole table: closed, but for the API server, the load balancer and what is established', () => {
  expect(firewallRules(topology, [])).toBe(`*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -p tcp -m iprange --dst-range 10.201.2.100-10.201.2.199 -j ACCEPT
-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A FORWARD -i in0 -j ACCEPT
-A FORWARD -i out0 -o in0 -s 10.201.2.0/24 -d 10.201.1.2/32 -p tcp --dport 6443 -j ACCEPT
COMMIT
`);
});

const opened = (rules: string) => rules.split('\n').filter((line) => /-d 10\.201\.1\.1\d\/32/.test(line));

test('an open port is opened on every edge node and on no worker', () => {
  const rules = firewallRules(topology, [{ protocol: 'tcp', port: 443, sources: [] }]);
  expect(opened(rules)).toEqual([
    '-A FORWARD -i out0 -o in0 -d 10.201.1.11/32 -p tcp --dport 443 -j ACCEPT',
    '-A FORWARD -i out0 -o in0 -d 10.201.1.12/32 -p tcp --dport 443 -j ACCEPT',
  ]);
});

test('sources narrow a port, one rule each', () => {
  const rules = firewallRules(topology, [{ protocol: 'udp', port: 443, sources: ['10.0.0.0/8', '192.0.2.1/32'] }]);
  expect(opened(rules).filter((line) => line.includes('10.201.1.11'))).toEqual([
    '-A FORWARD -i out0 -o in0 -d 10.201.1.11/32 -s 10.0.0.0/8 -p udp --dport 443 -j ACCEPT',
    '-A FORWARD -i out0 -o in0 -d 10.201.1.11/32 -s 192.0.2.1/32 -p udp --dport 443 -j ACCEPT',
  ]);
});

test('the order and repetition of open ports make no difference', () => {
  const http = { protocol: 'tcp', port: 80, sources: [] } as const;
  const https = { protocol: 'tcp', port: 443, sources: [] } as const;
  expect(firewallRules(topology, [http, https, http])).toBe(firewallRules(topology, [https, http]));
});
