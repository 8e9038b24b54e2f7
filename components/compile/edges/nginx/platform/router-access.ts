import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { edgeNameOf } from '../../traefik/names.ts';
import { clusterMeta, edgeMeta } from '../../traefik/platform/meta.ts';

export type RouterSource = 'ingresses' | 'pods';

const read = ['get', 'list', 'watch'];

/**
 * What each source lists and watches. Namespaces say whose a host is. The pods source is given one name of Secrets and no
 * other; Ingresses may name any, of certificates and of basic auth.
 */
const rules: Readonly<Record<RouterSource, readonly object[]>> = {
  ingresses: [
    { apiGroups: [''], resources: ['namespaces', 'secrets', 'services'], verbs: read },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: read },
    { apiGroups: ['networking.k8s.io'], resources: ['ingressclasses', 'ingresses'], verbs: read },
    { apiGroups: ['networking.k8s.io'], resources: ['ingresses/status'], verbs: ['patch', 'update'] },
  ],
  pods: [
    { apiGroups: [''], resources: ['namespaces', 'pods'], verbs: read },
    { apiGroups: [''], resources: ['secrets'], resourceNames: ['routing'], verbs: read },
  ],
};

/** Both tell by Events what they refuse. */
const events = { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] };

/** What the router may read, and the little it writes: Events, the status of Ingresses, and whose turn that is. */
export function routerAccess(environment: EnvironmentPlan, source: RouterSource): readonly KubeObject[] {
  const { edgeNamespace: namespace } = environment;
  const subjects = [{ kind: 'ServiceAccount', name: edgeNameOf(environment), namespace }];
  const apiGroup = 'rbac.authorization.k8s.io';
  const lease = [
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'Role',
      metadata: edgeMeta(environment, edgeNameOf(environment)),
      rules: [
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'get', 'patch', 'update'] },
      ],
    },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'RoleBinding',
      metadata: edgeMeta(environment, edgeNameOf(environment)),
      roleRef: { apiGroup, kind: 'Role', name: edgeNameOf(environment) },
      subjects,
    },
  ];
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: edgeMeta(environment, edgeNameOf(environment)),
      automountServiceAccountToken: false,
    },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'ClusterRole',
      metadata: clusterMeta(edgeNameOf(environment)),
      rules: [...rules[source], events],
    },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: clusterMeta(edgeNameOf(environment)),
      roleRef: { apiGroup, kind: 'ClusterRole', name: edgeNameOf(environment) },
      subjects,
    },
    ...(source === 'ingresses' ? lease : []),
  ];
}
