import type { Ingress, IngressBackend } from 'kubernetes-types/networking/v1';
import { encodeIngress } from '../../../dialects/nginx/encode.ts';
import { hostText } from '../../../model/route-match.ts';
import { type IdentityHeaders, unvouchedHeaders } from '../../identity.ts';
import { annotation } from '../../metadata.ts';
import type { KubeObject } from '../../output.ts';
import type { AppPlan, EnvironmentPlan, RoutePlan } from '../../plan.ts';
import { fate } from '../asked.ts';
import type { Metadata } from '../traefik/context.ts';
import { namesOf } from './losses.ts';
import { closedOptions, firstTarget, optionsOf } from './options.ts';

export interface IngressContext {
  readonly environment: EnvironmentPlan;
  readonly app: AppPlan;
  readonly identity: IdentityHeaders;
  readonly meta: (name: string, annotations?: Readonly<Record<string, string>>) => Metadata;
}

/** One Ingress for one route, so that a route has annotations of its own; none where the route is left out. */
export function ingressObjects(route: RoutePlan, context: IngressContext): readonly KubeObject[] {
  const { environment, identity, app, meta } = context;
  const end = fate(namesOf(route, identity), environment);
  if (end === 'leftOut') return [];
  const options = end === 'closed' ? closedOptions() : optionsOf(route, environment, unvouchedHeaders(route, identity));
  const annotations = { ...routeAnnotations(route), ...encodeIngress(options), ...dnsAnnotations(route) };
  const object = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: meta(route.objectName, annotations),
    spec: { ingressClassName: environment.nginx.ingressClass, ...tlsOf(route), ...rulesOf(route, environment, app) },
  } satisfies Ingress;
  return [object];
}

function routeAnnotations({ id, protection }: RoutePlan): Readonly<Record<string, string>> {
  return {
    [annotation.route]: id,
    ...(protection.kind === 'open' ? { [annotation.openReason]: protection.reason } : {}),
  };
}

/** external-dns publishes every host of an Ingress unless it is told to read this annotation alone. */
function dnsAnnotations({ dns, match }: RoutePlan): Readonly<Record<string, string>> {
  return {
    ...(dns && match.host.kind !== 'any' ? { 'external-dns.alpha.kubernetes.io/hostname': hostText(match.host) } : {}),
    'external-dns.alpha.kubernetes.io/ingress-hostname-source': 'annotation-only',
  };
}

type IngressSpec = NonNullable<Ingress['spec']>;

function rulesOf(
  route: RoutePlan,
  { nginx }: EnvironmentPlan,
  app: AppPlan,
): Pick<IngressSpec, 'rules' | 'defaultBackend'> {
  const { host, path } = route.match;
  const backend = backendOf(route, app);
  // A rule without host would stand before those of hosts whose names are short: only this has a priority, the lowest.
  if (nginx.servedBy === 'traefik' && host.kind === 'any' && path.kind === 'prefix' && path.path === '/')
    return { defaultBackend: backend };
  return {
    rules: [
      {
        ...(host.kind === 'any' ? {} : { host: hostText(host) }),
        http: { paths: [{ path: path.path, pathType: path.kind === 'exact' ? 'Exact' : 'Prefix', backend }] },
      },
    ],
  };
}

/** A redirect has answered before its backend is asked, but an Ingress has to name one. */
function backendOf(route: RoutePlan, { service }: AppPlan): IngressBackend {
  const target = firstTarget(route);
  if (target !== undefined) return { service: { name: target.service, port: { number: target.port } } };
  const [port] = service?.ports ?? [];
  return { service: { name: service?.name ?? route.app, port: { number: port?.servicePort ?? 80 } } };
}

function tlsOf({ tls, match: { host } }: RoutePlan): Pick<IngressSpec, 'tls'> {
  const hosts = host.kind === 'any' ? {} : { hosts: [hostText(host)] };
  switch (tls.kind) {
    case 'off':
      return {};
    case 'default':
      return { tls: [hosts] };
    case 'secret':
      return { tls: [{ ...hosts, secretName: tls.name }] };
    case 'issuer':
      return { tls: [{ ...hosts, secretName: tls.secretName }] };
    default:
      return tls satisfies never;
  }
}
