import type { Container } from 'kubernetes-types/core/v1';
import { type RoutingSide, routableLabel, routingKeyHeader, routingNames } from '../../../dialects/routing.ts';
import type { KubeObject } from '../../output.ts';
import type { EnvironmentPlan } from '../../plan.ts';
import { edgeDaemonSet } from '../nginx/platform/edge-pod.ts';
import { routerContainer, routerVariables } from '../nginx/platform/router.ts';
import { routerAccess } from '../nginx/platform/router-access.ts';
import { edgeNameOf, entryPoint, entryPointPort } from '../traefik/names.ts';
import { edgeSelector } from '../traefik/platform/daemon-set.ts';
import { loadBalancerObjects } from '../traefik/platform/exposure.ts';
import { edgeMeta } from '../traefik/platform/meta.ts';
import { namespaceObject } from '../traefik/platform/namespace.ts';
import { disruptionBudget, networkPolicy, priorityClass } from '../traefik/platform/protection.ts';

/** Ports of the private router in the pod, and the one its callers in the cluster use. */
const privatePort = { door: 8001, admin: 8081, service: 81 } as const;
const privateDoor = 'private';

/** The pod router on every edge node, and where the environment has a private door a second one beside it in each pod. */
export function platformObjects(environment: EnvironmentPlan): readonly KubeObject[] {
  return [
    namespaceObject(environment),
    priorityClass(environment),
    ...routerAccess(environment, 'pods'),
    ...networkPolicy(environment),
    ...disruptionBudget(environment),
    routers(environment),
    ...loadBalancerObjects(environment).map(plainOnly),
    ...(environment.privateDoor ? privateObjects(environment) : []),
  ];
}

function routers(environment: EnvironmentPlan): KubeObject {
  const sides: readonly RoutingSide[] = environment.privateDoor ? ['public', 'private'] : ['routing'];
  const parts = sides.map((side) => router(environment, side));
  return edgeDaemonSet(environment, {
    containers: parts.map(({ container }) => container),
    volumes: parts.flatMap(({ volumes }) => volumes),
    annotations: { 'prometheus.io/port': String(entryPointPort.admin) },
  });
}

/** One router is told apart from the other by nothing but what it is told. */
function router(environment: EnvironmentPlan, side: RoutingSide) {
  const { hosts, paths, apiKey, secret } = routingNames[side];
  const inner = side === 'private';
  const [port, admin] = inner ? [privatePort.door, privatePort.admin] : [entryPointPort.plain, entryPointPort.admin];
  return routerContainer(environment, {
    name: side === 'routing' ? 'router' : `router-${side}`,
    ports: doors(environment, inner),
    variables: {
      ...routerVariables(environment),
      // What comes from inside the cluster has passed no load balancer.
      ...(inner ? { PROXY_PROTOCOL: 'false', TRUSTED_ADDRESSES: '' } : {}),
      SOURCE: 'pods',
      PORT: String(port),
      PUBLIC_PORT: String(inner ? privatePort.service : publicPort(environment)),
      HEALTH_PORT: String(admin),
      API_KEY_HEADER: routingKeyHeader,
      API_KEY_SECRET_LOCATION: `${secret.name}:${secret.key}`,
      HOSTS_ANNOTATION: hosts,
      PATHS_ANNOTATION: paths,
      API_KEY_ANNOTATION: apiKey,
      ROUTABLE_LABEL_SELECTOR: `${routableLabel.name}=${routableLabel.value}`,
    },
  });
}

function publicPort({ exposure }: EnvironmentPlan): number {
  return exposure.kind === 'hostPort' ? exposure.http : 80;
}

/** The private door never stands on a port of the node, which is reached from outside. */
function doors({ exposure }: EnvironmentPlan, inner: boolean): NonNullable<Container['ports']> {
  if (inner)
    return [
      { name: privateDoor, containerPort: privatePort.door },
      { name: `${entryPoint.admin}-${privateDoor}`, containerPort: privatePort.admin },
    ];
  const host = exposure.kind === 'hostPort' ? { hostPort: exposure.http } : {};
  return [
    { name: entryPoint.plain, containerPort: entryPointPort.plain, ...host },
    { name: entryPoint.admin, containerPort: entryPointPort.admin },
  ];
}

/** Pod routers speak no TLS, so that door stays shut. */
function plainOnly(service: KubeObject): KubeObject {
  const spec = service.spec as { readonly ports: readonly { readonly targetPort: string }[] };
  return {
    ...service,
    spec: { ...spec, ports: spec.ports.filter(({ targetPort }) => targetPort === entryPoint.plain) },
  };
}

/** Where callers inside the cluster find the private door, and that nobody else reaches it. */
function privateObjects(environment: EnvironmentPlan): readonly KubeObject[] {
  const name = `${edgeNameOf(environment)}-${privateDoor}`;
  const port = { name: 'http', port: privatePort.service, targetPort: privateDoor, protocol: 'TCP' };
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: edgeMeta(environment, name),
    spec: { type: 'ClusterIP', selector: edgeSelector(environment), ports: [port] },
  };
  if (!environment.networkPolicy) return [service];
  const policy: KubeObject = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: edgeMeta(environment, name),
    spec: {
      podSelector: { matchLabels: edgeSelector(environment) },
      policyTypes: ['Ingress'],
      ingress: [
        { from: [{ namespaceSelector: {} }], ports: [{ protocol: 'TCP', port: privatePort.door }] },
        { from: [{ podSelector: {} }], ports: [{ protocol: 'TCP', port: privatePort.admin }] },
      ],
    },
  };
  return [service, policy];
}
