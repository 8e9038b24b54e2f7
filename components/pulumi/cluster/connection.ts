/** How a cluster is reached. Holds no credential: tokens come from a plugin or from the kubeconfig file that is named. */
export interface Connection {
  /** Contents by `execKubeconfig`, or the path of a file; null: `KUBECONFIG` or the default file. */
  readonly kubeconfig: string | null;
  /** Context in it; null: the current one. */
  readonly context: string | null;
  /** What tells this cluster from others: while it stays, a changed kubeconfig replaces nothing. */
  readonly identifier: string;
}

/** A kubeconfig that asks gke-gcloud-auth-plugin for a short-lived token at each call. */
export function execKubeconfig(name: string, endpoint: string, certificateAuthority: string): string {
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { server: `https://${endpoint}`, 'certificate-authority-data': certificateAuthority } },
    ],
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1beta1',
            command: 'gke-gcloud-auth-plugin',
            installHint: 'Install gke-gcloud-auth-plugin: gcloud components install gke-gcloud-auth-plugin',
            provideClusterInfo: true,
            interactiveMode: 'IfAvailable',
          },
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  return JSON.stringify(kubeconfig);
}
