import type { Bearing } from './tables/bearing.ts';
import {
  backendRefFields,
  httpRouteFields,
  httpRouteFilters,
  httpRouteMatchFields,
  httpRouteRuleFields,
} from './tables/gateway-objects.ts';
import { nginxAnnotations } from './tables/nginx-annotations.ts';
import {
  basicAuthOptions,
  forwardAuthOptions,
  ingressRouteFields,
  middlewareKinds,
  routerFields,
  serviceFields,
  tlsFields,
  traefikAnnotations,
} from './tables/traefik-objects.ts';

type Table = Readonly<Record<string, Bearing>>;

const sections: readonly (readonly [title: string, table: Table])[] = [
  ['Annotations of ingress-nginx, behind `nginx.ingress.kubernetes.io/`', nginxAnnotations],
  ['Annotations of Traefik, behind `traefik.ingress.kubernetes.io/`', traefikAnnotations],
  ['IngressRoute, `spec`', ingressRouteFields],
  ['IngressRoute, a route', routerFields],
  ['IngressRoute, a service', serviceFields],
  ['IngressRoute, `tls`', tlsFields],
  ['Middleware, its kinds', middlewareKinds],
  ['Middleware, `forwardAuth`', forwardAuthOptions],
  ['Middleware, `basicAuth`', basicAuthOptions],
  ['HTTPRoute, `spec`', httpRouteFields],
  ['HTTPRoute, a rule', httpRouteRuleFields],
  ['HTTPRoute, a match', httpRouteMatchFields],
  ['HTTPRoute, its filters', httpRouteFilters],
  ['HTTPRoute, a backend', backendRefFields],
];

/** The tables of docs/readers.md: every name that a reader knows, by what it bears on. */
export function readersTables(): string {
  return sections.map(([title, table]) => section(title, table)).join('\n');
}

function section(title: string, table: Table): string {
  const names = (kind: Bearing['kind']) => Object.keys(table).filter((name) => table[name]?.kind === kind);
  const row = (label: string, kind: Bearing['kind']) => {
    const found = names(kind);
    return found.length === 0 ? '' : `- ${label}: ${found.map((name) => `\`${name}\``).join(', ')}\n`;
  };
  return `### ${title}\n\n${row('read', 'read')}${row('no bearing', 'harmless')}${row('cannot tell', 'doubt')}`;
}
