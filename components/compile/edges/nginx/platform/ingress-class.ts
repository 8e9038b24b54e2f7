import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { clusterMeta } from '../../traefik/platform/meta.ts';

/** By this name of a controller each server finds its class; the field cannot be changed, so all of them have the same. */
export const ingressController = 'edgeplane.dev/router';

/** The class of our Ingresses. Never the default of the cluster. */
export function ingressClass({ nginx }: EnvironmentPlan): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: clusterMeta(nginx.ingressClass),
    spec: { controller: ingressController },
  };
}
