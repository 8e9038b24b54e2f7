import { field, parts } from '../fields.ts';
import { containerName } from '../pod.ts';
import { podSecurityRule } from './pod-security-rule.ts';

export const hostPorts = podSecurityRule({
  check: 'hostPorts',
  level: 'baseline',
  title: 'No container takes a port of its node',
  reason: 'A port of the node is reachable past network policies, and one pod at a time can have it.',
  severity: 'high',
  expected: 'no hostPort',
  fix: 'Stand behind a Service of type LoadBalancer.',
  *judge(pod) {
    for (const container of pod.containers) {
      for (const { path, value } of parts(container.value, container.path, 'ports')) {
        const port = field(value, 'hostPort');
        if (port === undefined || port === null || port === 0) continue;
        yield { path: [...path, 'hostPort'], found: `${String(port)} in ${containerName(container)}` };
      }
    }
  },
});
