import { documented } from '../facts.ts';
import { field, names, namespaceIn, type Part, parts, text } from '../fields.ts';
import type { Pod } from '../pod.ts';
import type { SharedFault, Subject, TogetherRule } from '../rule.ts';
import { edgePodOf } from './edge-workload.ts';

export const edgeServiceContract: TogetherRule = {
  id: 'edge-service-contract',
  title: 'The load balancer of an edge keeps the client’s address and leads to ports that the edge has',
  reason:
    'With the policy Cluster a client’s address is lost, and with it every limit and list that goes by it; a port that nobody has is an outage.',
  severity: 'high',
  expected: 'externalTrafficPolicy Local, and target ports of the edge’s containers',
  fix: 'Compile the edge again from its environment, or mend what was changed by hand.',
  link: documented('edge-service-contract'),
  standard: null,
  scope: 'together',
  readsRoutes: false,
  *judge({ subjects }) {
    const edges = subjects.flatMap((subject) => {
      const pod = edgePodOf(subject);
      return pod === null ? [] : [{ namespace: namespaceIn(subject.properties), pod }];
    });
    for (const subject of subjects) {
      if (subject.kind !== 'Service' || subject.apiVersion !== 'v1') continue;
      const own = namespaceIn(subject.properties);
      const behind = edges.filter(({ namespace, pod }) => namespace === own && selects(subject, pod));
      if (behind.length > 0)
        yield* serviceFaults(
          subject,
          behind.map(({ pod }) => pod),
        );
    }
  },
};

function selects({ properties }: Subject, pod: Pod): boolean {
  const keys = names(properties, 'spec', 'selector');
  const wanted = (key: string) => text(properties, 'spec', 'selector', key);
  return keys.length > 0 && keys.every((key) => text(pod.metadata.value, 'labels', key) === wanted(key));
}

function* serviceFaults(subject: Subject, pods: readonly Pod[]): Iterable<SharedFault> {
  const policy = text(subject.properties, 'spec', 'externalTrafficPolicy');
  if (text(subject.properties, 'spec', 'type') === 'LoadBalancer' && policy !== 'Local')
    yield {
      subject,
      path: ['spec', 'externalTrafficPolicy'],
      found: policy === '' ? 'nothing' : policy,
      expected: 'Local',
    };
  for (const { path, value } of parts(subject.properties, [], 'spec', 'ports')) {
    const target = text(value, 'targetPort') || text(value, 'port');
    if (pods.some((pod) => hasPort(pod, target))) continue;
    yield { subject, path: [...path, 'targetPort'], found: target, expected: 'a port of the edge’s containers' };
  }
}

function hasPort(pod: Pod, target: string): boolean {
  const is = ({ value }: Part) => text(value, 'name') === target || String(field(value, 'containerPort')) === target;
  return pod.containers.some(({ value, path }) => parts(value, path, 'ports').some(is));
}
