import type { KubeObject } from '../../../../controllers/loop/source.ts';
import type { IngressesConfiguration } from '../../../../controllers/router/configuration.ts';
import { ingressesSource } from '../../../../controllers/router/ingresses/source.ts';
import type { IngressObjects } from '../../../../controllers/router/ingresses/table.ts';
import type { Route } from '../../../../controllers/router/routing-table.ts';
import type { Served } from '../../../../controllers/router/served.ts';

export const configuration: IngressesConfiguration = {
  controller: 'edgeplane.dev/router',
  defaultCertificate: { namespace: 'edge', name: 'default' },
  publishService: { namespace: 'edge', name: 'router' },
};

/** Whole objects, as the API server shows them; each source takes its own. */
export interface World {
  readonly ingresses?: readonly KubeObject[];
  readonly classes?: readonly KubeObject[];
  readonly services?: readonly KubeObject[];
  readonly slices?: readonly KubeObject[];
  readonly certificates?: readonly KubeObject[];
  readonly users?: readonly KubeObject[];
  readonly namespaces?: readonly KubeObject[];
}

export const ourClass: KubeObject = {
  metadata: { name: 'edgeplane' },
  spec: { controller: 'edgeplane.dev/router' },
};

export function objectsOf(world: World): IngressObjects {
  const { sources } = ingressesSource(configuration);
  const { classes = [ourClass] } = world;
  const all = { services: [service('web')], slices: [slice('web')], namespaces: [], ...world, classes };
  return Object.fromEntries(
    Object.entries(sources).map(([name, { project }]) => {
      const objects = (all as Readonly<Record<string, readonly KubeObject[] | undefined>>)[name] ?? [];
      const entries = objects.map((object) => [keyOf(object), project(object)] as const);
      return [name, new Map(entries.filter(([, facts]) => facts !== null))];
    }),
  ) as unknown as IngressObjects;
}

function keyOf({ metadata: { namespace, name } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function serve(world: World): Served {
  return ingressesSource(configuration).tableOf(objectsOf(world), 0);
}

/** An Ingress of namespace shop; `day` is of January 2026, when it was made. */
export interface IngressSketch {
  readonly name?: string;
  readonly namespace?: string;
  readonly day?: number;
  readonly className?: string | null;
  readonly annotations?: Readonly<Record<string, string>>;
  /** As `HOST/PATH`, `=` before it for exact; the host may be empty. Each goes to Service web, port 80. */
  readonly routes?: readonly string[];
  readonly spec?: Readonly<Record<string, unknown>>;
}

const web = { service: { name: 'web', port: { number: 80 } } };

export function ingress(sketch: IngressSketch = {}): KubeObject {
  const { name = 'main', namespace = 'shop', day = 1, className = 'edgeplane', routes = [], annotations = {} } = sketch;
  return {
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      creationTimestamp: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`,
      annotations,
    },
    spec: {
      ...(className === null ? {} : { ingressClassName: className }),
      ...(routes.length === 0 ? {} : { rules: routes.map(ruleOf) }),
      ...sketch.spec,
    },
  };
}

function ruleOf(text: string): object {
  const exact = text.startsWith('=');
  const route = exact ? text.slice(1) : text;
  const slash = route.indexOf('/');
  const path = { path: route.slice(slash), pathType: exact ? 'Exact' : 'Prefix', backend: web };
  return { ...(slash === 0 ? {} : { host: route.slice(0, slash) }), http: { paths: [path] } };
}

export function service(name: string, spec: Readonly<Record<string, unknown>> = {}, namespace = 'shop'): KubeObject {
  const ports = [{ name: 'http', port: 80 }];
  return { metadata: { name, namespace }, spec: { type: 'ClusterIP', clusterIP: '10.96.0.10', ports, ...spec } };
}

/** One ready pod behind the port `http` of a Service. */
export function slice(
  name: string,
  endpoints: readonly object[] = [{ addresses: ['10.244.0.5'], conditions: { ready: true } }],
  namespace = 'shop',
): KubeObject {
  return {
    metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: 'http', port: 8080 }],
  };
}

export function secretObject(name: string, data: Readonly<Record<string, string>>, namespace = 'shop'): KubeObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return { metadata: { name, namespace, uid: `uid-${name}` }, data: Object.fromEntries(encoded) };
}

export function namespaceObject(name: string, hosts?: string): KubeObject {
  const annotations = hosts === undefined ? {} : { 'edgeplane.dev/routing-hosts': hosts };
  return { metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z', annotations } };
}

/** Routes as one line each, sorted: host, path, where they lead. */
export function lines({ table }: Served): readonly string[] {
  return table.routes.map(lineOf).toSorted();
}

function lineOf({ host, path, action }: Route): string {
  const name = host.kind === 'exact' ? host.name : host.kind === 'wildcard' ? `*.${host.suffix}` : '*';
  const lead =
    action.kind === 'forward' ? action.targets.map(({ address, port }) => `${address}:${port}`).join(' ') : action.kind;
  return `${path.kind === 'exact' ? '=' : ''}${name}${path.path} -> ${lead}`;
}

/** The reasons of what was refused, each with its object. */
export function reasons({ rejections }: Served): readonly string[] {
  return rejections.map(({ owner, reason }) => `${owner.namespace}/${owner.name} ${reason}`).toSorted();
}
