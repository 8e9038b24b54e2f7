import type { Container, Volume } from 'kubernetes-types/core/v1';
import type { KubeObject } from '../../../output.ts';
import type { EnvironmentPlan } from '../../../plan.ts';
import { speaksProxyProtocol } from '../../../proxy-protocol.ts';
import { edgeNameOf, entryPoint, entryPointPort } from '../../traefik/names.ts';
import { clientPorts } from '../../traefik/platform/client-ports.ts';
import { edgeContainer, edgeDaemonSet } from './edge-pod.ts';
import type { RouterSource } from './router-access.ts';

/** What the embedded cluster builds, by the alias its `up` pins. Every other environment names an image. */
const localImage = 'edgeplane.local/router:local';

export function routerImage({ edgeImage }: Pick<EnvironmentPlan, 'edgeImage'>): string {
  return edgeImage ?? localImage;
}

/** Configurations, the last good one among them, and request bodies that nginx holds. Outlives a crash of the container. */
export const routerSpace = '2Gi';
const stateFolder = '/var/lib/edgeplane-router';

/** What a router is told, by name of the variable. */
export type RouterVariables = Readonly<Record<string, string>>;

/** Variables that every router of an environment gets. */
export function routerVariables(environment: EnvironmentPlan): RouterVariables {
  const { exposure, trustedProxies, accessLog, drainSeconds, unknownHost, acme } = environment;
  return {
    UNKNOWN_HOST: unknownHost,
    TRUSTED_ADDRESSES: trustedProxies.join(' '),
    PROXY_PROTOCOL: String(speaksProxyProtocol(exposure)),
    ACCESS_LOG: String(accessLog),
    ACME: String(acme),
    DRAIN_TIME: `${drainSeconds}s`,
  };
}

export interface RouterContainer {
  readonly name: string;
  readonly ports: NonNullable<Container['ports']>;
  readonly variables: RouterVariables;
}

/** One router: the program, and nginx below it. */
export function routerContainer(
  environment: EnvironmentPlan,
  { name, ports, variables }: RouterContainer,
): { readonly container: Container; readonly volumes: readonly Volume[] } {
  const admin = ports.find((port) => port.name?.startsWith(entryPoint.admin))?.containerPort ?? entryPointPort.admin;
  const probe = (path: string) => ({ httpGet: { path, port: admin }, timeoutSeconds: 2 });
  const container = {
    name,
    image: routerImage(environment),
    env: Object.entries(variables)
      .filter(([, value]) => value !== '')
      .map(([variable, value]) => ({ name: variable, value }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ports,
    startupProbe: { ...probe('/healthz'), periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...probe('/readyz'), periodSeconds: 2, failureThreshold: 1 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 10, failureThreshold: 6 },
    ...edgeContainer(environment, routerSpace),
    volumeMounts: [
      { name: `${name}-state`, mountPath: stateFolder },
      { name: `${name}-tmp`, mountPath: '/tmp' },
    ],
  };
  const volumes = ['state', 'tmp'].map((use) => ({ name: `${name}-${use}`, emptyDir: { sizeLimit: routerSpace } }));
  return { container, volumes };
}

/** Our router on every edge node, reading Ingresses. */
export function routerDaemonSet(environment: EnvironmentPlan, source: RouterSource): KubeObject {
  const { edgeNamespace, defaultCertificate, exposure } = environment;
  const { container, volumes } = routerContainer(environment, {
    name: 'router',
    ports: clientPorts(environment),
    variables: {
      ...routerVariables(environment),
      SOURCE: source,
      PORT: String(entryPointPort.plain),
      HTTPS_PORT: String(entryPointPort.secure),
      PUBLIC_PORT: String(exposure.kind === 'hostPort' ? exposure.http : 80),
      PUBLIC_HTTPS_PORT: String(exposure.kind === 'hostPort' ? exposure.https : 443),
      HEALTH_PORT: String(entryPointPort.admin),
      DEFAULT_CERTIFICATE: defaultCertificate === null ? '' : `${edgeNamespace}/${defaultCertificate}`,
      PUBLISH_SERVICE: exposure.kind === 'loadBalancer' ? `${edgeNamespace}/${edgeNameOf(environment)}` : '',
    },
  });
  return edgeDaemonSet(environment, {
    containers: [container],
    volumes,
    annotations: { 'prometheus.io/port': String(entryPointPort.admin) },
  });
}
