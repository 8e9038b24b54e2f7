import type { Provider } from '@pulumi/kubernetes';
import { ComponentResource, type ComponentResourceOptions } from '@pulumi/pulumi';
import type { Connection } from './connection.ts';
import { kubernetesProvider } from './provider.ts';

export interface ExistingClusterArgs {
  /** Path of a kubeconfig. @default `KUBECONFIG`, or the default file */
  readonly kubeconfig?: string;
  /** A context in it. @default the current one */
  readonly context?: string;
}

/** A cluster that something else made: kind, k3d, the embedded one, or any that a kubeconfig reaches. */
export class ExistingCluster extends ComponentResource {
  readonly connection: Connection;
  readonly provider: Provider;

  constructor(name: string, { kubeconfig, context }: ExistingClusterArgs = {}, options: ComponentResourceOptions = {}) {
    super('edgeplane:cluster:ExistingCluster', name, {}, options);
    this.connection = {
      kubeconfig: kubeconfig ?? null,
      context: context ?? null,
      identifier: `existing/${name}/${context ?? 'current'}`,
    };
    this.provider = kubernetesProvider(name, this.connection, { parent: this });
    this.registerOutputs({ identifier: this.connection.identifier });
  }
}
