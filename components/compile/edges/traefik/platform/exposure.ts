import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { edgeNameOf, entryPoint, ownClassOf } from '../names.ts';
import { edgeSelector } from './daemon-set.ts';
import { clusterMeta, edgeMeta } from './meta.ts';

/** How the client address arrives, for load balancers that are told by annotation; the embedded cluster's is. */
const clientAddressAnnotation = 'edgeplane.dev/client-address';

/** The load balancer in front of the edge nodes, which keeps the client's address. None where ports of the nodes do it. */
export function loadBalancerObjects(environment: EnvironmentPlan): readonly KubeObject[] {
  const { exposure } = environment;
  if (exposure.kind !== 'loadBalancer') return [];
  const metadata = edgeMeta(environment, edgeNameOf(environment), {
    ...nameAnnotation(environment),
    ...exposure.annotations,
    [clientAddressAnnotation]: exposure.clientAddress,
  });
  const ports = [
    { name: 'http', port: 80, targetPort: entryPoint.plain, protocol: 'TCP' },
    { name: 'https', port: 443, targetPort: entryPoint.secure, protocol: 'TCP' },
  ];
  const spec = {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    ...(exposure.address === null ? {} : { loadBalancerIP: exposure.address }),
    ...(exposure.sourceRanges.length === 0 ? {} : { loadBalancerSourceRanges: [...exposure.sourceRanges] }),
    selector: edgeSelector(environment),
    ports,
  };
  return [{ apiVersion: 'v1', kind: 'Service', metadata, spec }];
}

/** The name that published hosts point to is the load balancer's own: external-dns keeps it at its address. */
function nameAnnotation({ dnsTarget }: EnvironmentPlan): Readonly<Record<string, string>> {
  const named = dnsTarget !== null && !/^[0-9.]+$|:/.test(dnsTarget);
  return named ? { 'external-dns.alpha.kubernetes.io/hostname': dnsTarget } : {};
}

/** The class by which certificate solvers name this edge. Never the default of the cluster. */
export function ingressClassObject(environment: EnvironmentPlan): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: clusterMeta(ownClassOf(environment)),
    spec: { controller: 'traefik.io/ingress-controller' },
  };
}
