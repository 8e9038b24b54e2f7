/** Objects that the suites of the cluster put on it. All pods pass Pod Security `restricted`. */
interface PodOptions {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly nodeName?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly object[];
}

const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};

/** A pod's template: a busybox that sleeps, unless told otherwise. */
export function podTemplate(name: string, options: PodOptions = {}) {
  const { image = 'busybox', command = ['/bin/sleep', '100000'], ...spec } = options;
  const container = {
    name: 'main',
    image: `edgeplane.local/${image}:local`,
    imagePullPolicy: 'IfNotPresent',
    command,
    securityContext: restricted,
  };
  return {
    metadata: { labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [container], ...spec },
  };
}

/** A lone pod. */
export function pod(namespace: string, name: string, options: PodOptions = {}) {
  const { metadata, spec } = podTemplate(name, options);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, ...metadata }, spec };
}

/** A Deployment or DaemonSet of {@link podTemplate}. */
export function workload(
  kind: 'Deployment' | 'DaemonSet',
  namespace: string,
  name: string,
  options: PodOptions,
  replicas?: number,
) {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: { app: name } },
      template: podTemplate(name, options),
    },
  };
}

/** A Service before the pods of this name. */
export function service(namespace: string, name: string, targetPort: number) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort }] },
  };
}
