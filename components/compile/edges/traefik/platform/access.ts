import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { edgeNameOf } from '../names.ts';
import { clusterMeta, edgeMeta } from './meta.ts';

const read = ['get', 'list', 'watch'] as const;

/** Every kind the provider lists at its start; without one of them it never gets ready. */
const traefikKinds = [
  'ingressroutes',
  'ingressroutetcps',
  'ingressrouteudps',
  'middlewares',
  'middlewaretcps',
  'serverstransports',
  'serverstransporttcps',
  'tlsoptions',
  'tlsstores',
  'traefikservices',
];

/**
 * What Traefik may read, and it may write nothing. Secrets are read in every namespace, because the provider watches
 * either all namespaces or a list that only a restart changes, and the platform does not know its apps. Ingresses of
 * certificate solvers are found by their class, for which that provider also lists nodes.
 */
export function accessObjects(environment: EnvironmentPlan): readonly KubeObject[] {
  const edgeName = edgeNameOf(environment);
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: edgeMeta(environment, edgeName),
      automountServiceAccountToken: false,
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: clusterMeta(edgeName),
      rules: [
        { apiGroups: [''], resources: ['configmaps', 'secrets', 'services'], verbs: [...read] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: [...read] },
        { apiGroups: ['traefik.io'], resources: traefikKinds, verbs: [...read] },
        ...(environment.acme
          ? [
              { apiGroups: ['networking.k8s.io'], resources: ['ingressclasses', 'ingresses'], verbs: [...read] },
              { apiGroups: [''], resources: ['nodes'], verbs: [...read] },
            ]
          : []),
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: clusterMeta(edgeName),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: edgeName },
      subjects: [{ kind: 'ServiceAccount', name: edgeName, namespace: environment.edgeNamespace }],
    },
  ];
}
