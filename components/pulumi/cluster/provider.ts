import { Provider } from '@pulumi/kubernetes';
import { type CustomResourceOptions, type Input, type Inputs, output } from '@pulumi/pulumi';
import type { Connection } from './connection.ts';

/** A connection whose kubeconfig may be known only after the cluster is there. */
export type ConnectionInput = Omit<Connection, 'kubeconfig'> & { readonly kubeconfig: Input<string> | null };

/**
 * The provider by which objects reach a cluster: server-side apply, and ConfigMaps and Secrets changed in place, for a
 * replaced one would be missing for a moment.
 */
export function kubernetesProvider(
  name: string,
  { kubeconfig, context, identifier }: ConnectionInput,
  options: CustomResourceOptions = {},
): Provider {
  const args: Inputs = {
    ...(kubeconfig === null ? {} : { kubeconfig: output(kubeconfig) }),
    ...(context === null ? {} : { context }),
    clusterIdentifier: identifier,
    enableServerSideApply: true,
    enableConfigMapMutable: true,
    enableSecretMutable: true,
  };
  return new Provider(name, args, options);
}
