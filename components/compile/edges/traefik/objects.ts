import type { KubeObject, ObjectMeta } from '../../output.ts';
import type {
  IngressRouteSpec,
  MiddlewareSpec,
  ServersTransportSpec,
  TLSStoreSpec,
  TraefikServiceSpec,
} from './generated/types.ts';

interface Specs {
  readonly IngressRoute: IngressRouteSpec;
  readonly Middleware: MiddlewareSpec;
  readonly ServersTransport: ServersTransportSpec;
  readonly TLSStore: TLSStoreSpec;
  readonly TraefikService: TraefikServiceSpec;
}

/** An object of Traefik's own API group, its spec held to the generated types. */
export function traefikObject<Kind extends keyof Specs>(
  kind: Kind,
  metadata: ObjectMeta & { readonly namespace: string },
  spec: Specs[Kind],
): KubeObject {
  return { apiVersion: 'traefik.io/v1alpha1', kind, metadata, spec };
}

export type Router = IngressRouteSpec['routes'][number];
export type RouterService = NonNullable<Router['services']>[number];
export type MiddlewareReference = NonNullable<Router['middlewares']>[number];
