/**
 * Kinds that send requests to services and that no reader reads, by API group. Of each object that is found the count is
 * told: what it opens nobody has looked at.
 */
const unreadKinds: Readonly<Record<string, readonly string[]>> = {
  'traefik.io': ['IngressRouteTCP', 'IngressRouteUDP'],
  'traefik.containo.us': ['IngressRouteTCP', 'IngressRouteUDP'],
  'gateway.networking.k8s.io': ['GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute', 'ListenerSet'],
  'gateway.networking.x-k8s.io': ['XListenerSet'],
  extensions: ['Ingress'],
  'projectcontour.io': ['HTTPProxy'],
  'networking.istio.io': ['VirtualService', 'Gateway'],
  'k8s.nginx.org': ['VirtualServer', 'VirtualServerRoute', 'TransportServer'],
  'configuration.konghq.com': ['TCPIngress', 'UDPIngress'],
  'route.openshift.io': ['Route'],
  'getambassador.io': ['Mapping', 'TCPMapping'],
  'apisix.apache.org': ['ApisixRoute'],
  'core.haproxy.org': ['TCP'],
  'zalando.org': ['RouteGroup'],
  'ingress.v3.haproxy.org': ['TCP'],
  'cilium.io': ['CiliumEnvoyConfig', 'CiliumClusterwideEnvoyConfig'],
};

/** Whether objects of this kind route requests although no reader reads them. Old versions of Ingress are among them. */
export function isUnreadRouteKind({
  apiVersion,
  kind,
}: {
  readonly apiVersion: string;
  readonly kind: string;
}): boolean {
  const [group = '', version = ''] = apiVersion.split('/');
  if (kind === 'Ingress' && group === 'networking.k8s.io') return version !== 'v1';
  return unreadKinds[group]?.includes(kind) === true;
}
