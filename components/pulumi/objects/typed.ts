import * as k8s from '@pulumi/kubernetes';
import type { CustomResourceOptions, Inputs } from '@pulumi/pulumi';

/** A Kubernetes object as a resource of Pulumi. */
export type KubeResource = k8s.core.v1.Namespace | k8s.apiextensions.CustomResource;

type KubeClass = new (name: string, args: Inputs, options: CustomResourceOptions) => KubeResource;

/**
 * The class of each kind that has one, by `apiVersion kind`. A function, because the SDK loads a kind when it is first
 * named. Its arguments are typed one by one and ours are plain data that the compiler typed before: hence one cast.
 */
const classes: Readonly<Record<string, () => unknown>> = Object.freeze({
  'v1 ConfigMap': () => k8s.core.v1.ConfigMap,
  'v1 Namespace': () => k8s.core.v1.Namespace,
  'v1 Secret': () => k8s.core.v1.Secret,
  'v1 Service': () => k8s.core.v1.Service,
  'v1 ServiceAccount': () => k8s.core.v1.ServiceAccount,
  'apiextensions.k8s.io/v1 CustomResourceDefinition': () => k8s.apiextensions.v1.CustomResourceDefinition,
  'apps/v1 DaemonSet': () => k8s.apps.v1.DaemonSet,
  'apps/v1 Deployment': () => k8s.apps.v1.Deployment,
  'autoscaling/v2 HorizontalPodAutoscaler': () => k8s.autoscaling.v2.HorizontalPodAutoscaler,
  'coordination.k8s.io/v1 Lease': () => k8s.coordination.v1.Lease,
  'networking.k8s.io/v1 Ingress': () => k8s.networking.v1.Ingress,
  'networking.k8s.io/v1 IngressClass': () => k8s.networking.v1.IngressClass,
  'networking.k8s.io/v1 NetworkPolicy': () => k8s.networking.v1.NetworkPolicy,
  'policy/v1 PodDisruptionBudget': () => k8s.policy.v1.PodDisruptionBudget,
  'rbac.authorization.k8s.io/v1 ClusterRole': () => k8s.rbac.v1.ClusterRole,
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': () => k8s.rbac.v1.ClusterRoleBinding,
  'rbac.authorization.k8s.io/v1 Role': () => k8s.rbac.v1.Role,
  'rbac.authorization.k8s.io/v1 RoleBinding': () => k8s.rbac.v1.RoleBinding,
  'scheduling.k8s.io/v1 PriorityClass': () => k8s.scheduling.v1.PriorityClass,
});

/** What the class of an object is made with; kinds that the SDK does not know are custom resources. */
export function classOf(apiVersion: string, kind: string): KubeClass {
  const known = classes[`${apiVersion} ${kind}`];
  return (known === undefined ? k8s.apiextensions.CustomResource : known()) as KubeClass;
}

/** Whether the SDK has a class for this kind of the Kubernetes API itself. */
export function isBuiltIn(apiVersion: string, kind: string): boolean {
  return Object.hasOwn(classes, `${apiVersion} ${kind}`);
}
