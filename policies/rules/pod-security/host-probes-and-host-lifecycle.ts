import { quoted, text } from '../fields.ts';
import { below } from '../pod.ts';
import { podSecurityRule } from './pod-security-rule.ts';

const handlers = [
  ['livenessProbe'],
  ['readinessProbe'],
  ['startupProbe'],
  ['lifecycle', 'postStart'],
  ['lifecycle', 'preStop'],
] as const;

export const hostProbesAndHostLifecycle = podSecurityRule({
  check: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  title: 'Probes and lifecycle hooks ask the pod itself',
  reason: 'The kubelet asks from the node: a host of the author’s choice makes it a way into the network of nodes.',
  severity: 'high',
  expected: 'no host',
  fix: 'Take the host away; a Host header goes into httpHeaders.',
  *judge(pod) {
    for (const container of pod.containers) {
      for (const handler of handlers) {
        for (const way of ['httpGet', 'tcpSocket']) {
          const host = text(container.value, ...handler, way, 'host');
          if (host !== '') yield { path: below(container, ...handler, way, 'host'), found: quoted(host) };
        }
      }
    }
  },
});
