import { parts, quoted, text } from '../fields.ts';
import { podSecurityRule } from './pod-security-rule.ts';

/** Those that change nothing outside the pod. */
const safe: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

export const sysctls = podSecurityRule({
  check: 'sysctls',
  level: 'baseline',
  title: 'No pod sets a kernel parameter that others notice',
  reason: 'The others change the node for every pod on it, or turn protections off.',
  severity: 'high',
  expected: `one of ${[...safe].join(', ')}`,
  fix: 'Take the parameter away; what all pods of a node need is set on the node.',
  *judge(pod) {
    for (const { path, value } of parts(pod.value, pod.path, 'securityContext', 'sysctls')) {
      const name = text(value, 'name');
      if (!safe.has(name)) yield { path: [...path, 'name'], found: quoted(name) };
    }
  },
});
