import { platformLabels } from '../../../metadata.ts';
import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { edgeNameOf } from '../names.ts';

/**
 * The edge's namespace and what Pod Security lets into it. Behind a load balancer the edge passes `restricted`. A host
 * port is refused from `baseline` on, so there nothing can be enforced; `warn` and `audit` still show every other lapse.
 */
export function namespaceObject(environment: EnvironmentPlan): KubeObject {
  const level = environment.exposure.kind === 'loadBalancer' ? 'restricted' : 'privileged';
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: environment.edgeNamespace,
      labels: {
        ...platformLabels(edgeNameOf(environment)),
        'pod-security.kubernetes.io/enforce': level,
        'pod-security.kubernetes.io/warn': 'restricted',
        'pod-security.kubernetes.io/audit': 'restricted',
      },
    },
  };
}
