import { encodeHostGrants, type HostGrants, hostGrantsName } from '../dialects/host-grants.ts';
import { hostText } from '../model/route-match.ts';
import { edgeNameOf } from './edges/traefik/names.ts';
import { edgePods, environmentAnnotations, platformLabels } from './metadata.ts';
import type { KubeObject } from './output.ts';
import type { EnvironmentPlan, Plan } from './plan.ts';

/** Who may have which host: the namespaces whose definitions route it, and those the environment shares it with. */
export function hostGrants({ environment, routes }: Plan): HostGrants {
  const hosts = new Map<string, Set<string>>();
  const give = (host: string, namespace: string) =>
    hosts.set(host, (hosts.get(host) ?? new Set<string>()).add(namespace));
  for (const { match, namespace } of routes) give(hostText(match.host), namespace);
  for (const { host, namespaces } of environment.sharedHosts) for (const namespace of namespaces) give(host, namespace);
  const { otherHosts } = environment;
  return { hosts, others: otherHosts === 'anybody' ? otherHosts : new Set(otherHosts) };
}

/** Where the grants of an environment are: beside the pods of its edge. */
export function hostGrantsPlace(environment: EnvironmentPlan): { readonly namespace: string; readonly name: string } {
  return { namespace: edgePods(environment).namespace, name: hostGrantsName(edgeNameOf(environment)) };
}

/** The grants as an object of the platform: a change of them rolls nothing, and no object of an app. */
export function hostGrantsObject(plan: Plan): KubeObject {
  const { environment } = plan;
  const { namespace, name } = hostGrantsPlace(environment);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: platformLabels(name), annotations: environmentAnnotations(environment) },
    data: encodeHostGrants(hostGrants(plan)),
  };
}
