import { X509Certificate } from 'node:crypto';
import type { SharedCluster } from '../e2e/cluster.ts';
import { eventually, type Kubectl, kubectlOf, stayingPods } from '../e2e/kubectl.ts';
import { type ForwardedPort, forwardPort } from '../e2e/port-forward.ts';

/** The operator's port of every pod of an edge. Whoever asks for them closes them. */
export async function forwardEdges(cluster: SharedCluster, edge: string): Promise<readonly ForwardedPort[]> {
  const pods = await stayingPods(kubectlOf(cluster), edge, '-l', `app.kubernetes.io/name=${edge}`);
  return Promise.all(pods.map(({ metadata }) => forwardPort(cluster, edge, metadata.name, 8080)));
}

/**
 * Waits until every pod of a Traefik edge serves what the cluster holds now: each rule and no other, the middlewares,
 * the endpoints and the certificates. They learn of each kind of object, and each pod for itself, in their own time.
 *
 * @param edge name of its objects and of their namespace
 */
export async function untilFollowed(cluster: SharedCluster, edge: string): Promise<void> {
  const edges = await forwardEdges(cluster, edge);
  try {
    for (const { origin } of edges)
      await eventually(
        async () => differences(await wantedOf(kubectlOf(cluster), edge), await servedBy(origin)),
        (found) => found.length === 0,
        120_000,
      );
  } finally {
    for (const { close } of edges) close();
  }
}

/** What the cluster holds for an edge; every entry a text that can be compared. */
interface Wanted {
  /** Rules that must be served, and those that may: Traefik leaves out a route whose Service is not there. */
  readonly rules: readonly string[];
  readonly mayBe: ReadonlySet<string>;
  readonly middlewares: readonly string[];
  /** For each route with a Service of the cluster, the addresses that are ready, and those that may still serve. */
  readonly endpoints: readonly {
    readonly route: string;
    readonly ready: readonly string[];
    readonly serving: Set<string>;
  }[];
  /** Serial numbers. */
  readonly certificates: readonly string[];
}

interface Item {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

interface IngressRoute extends Item {
  readonly spec: {
    readonly ingressClassName?: string;
    readonly routes: readonly {
      readonly match: string;
      readonly priority: number;
      readonly services?: readonly { readonly kind?: string; readonly name: string }[];
    }[];
    readonly tls?: { readonly secretName?: string };
  };
}

interface Middleware extends Item {
  readonly spec: { readonly basicAuth?: { readonly secret: string } };
}

interface Slice extends Item {
  readonly endpoints?:
    | readonly {
        readonly addresses: readonly string[];
        readonly conditions: { readonly ready?: boolean; readonly serving?: boolean };
      }[]
    | null;
}

interface Secret extends Item {
  readonly data?: Readonly<Record<string, string>>;
}

const kinds = ['ingressroutes.traefik.io', 'middlewares.traefik.io', 'services', 'endpointslices', 'secrets'].join(',');
const nameOf = (namespace: string, name: string) => `${namespace}/${name}`;

async function wantedOf(kubectl: Kubectl, edge: string): Promise<Wanted> {
  const { items } = (await kubectl.json('get', kinds, '--all-namespaces')) as { readonly items: readonly Item[] };
  const of = <T extends Item>(kind: string) => items.filter((item): item is T => item.kind === kind);
  const named = (kind: string) => new Set(of(kind).map(({ metadata }) => nameOf(metadata.namespace, metadata.name)));
  const [services, present] = [named('Service'), named('Secret')];
  const all = of<IngressRoute>('IngressRoute');
  const ready = all.find(({ metadata }) => metadata.namespace === edge && metadata.name === `${edge}-ready`);
  const own = all.filter(({ spec }) => spec.ingressClassName === ready?.spec.ingressClassName);
  const routes = own.flatMap(routesOf);
  const slices = of<Slice>('EndpointSlice');
  return {
    rules: routes.filter((route) => route.services.every((service) => services.has(service))).map(({ rule }) => rule),
    mayBe: new Set(routes.map(({ rule }) => rule)),
    middlewares: of<Middleware>('Middleware')
      .filter(({ metadata: { namespace }, spec }) => isWhole(spec.basicAuth?.secret, namespace, present))
      .map(({ metadata }) => `${metadata.namespace}_${metadata.name}@kubernetescrd`),
    endpoints: routes
      .filter((route) => route.services.length > 0 && route.services.every((service) => services.has(service)))
      .map(({ id, services: names }) => ({ route: id, ...endpointsOf(slices, names) })),
    certificates: certificatesOf(own, of<Secret>('Secret')),
  };
}

const isWhole = (secret: string | undefined, namespace: string, present: ReadonlySet<string>) =>
  secret === undefined || present.has(nameOf(namespace, secret));

/** The routes of an IngressRoute as Traefik names them, each with the Services of the cluster it leads to. */
function routesOf({ metadata: { namespace, name }, spec }: IngressRoute) {
  return spec.routes.map(({ match, priority, services = [] }, index) => ({
    id: `${namespace}_${name}_${index}`,
    rule: `${namespace}_${name}_${index}@kubernetescrd ${priority} ${match}`,
    services: services
      .filter(({ kind = 'Service' }) => kind === 'Service')
      .map((service) => nameOf(namespace, service.name)),
  }));
}

function endpointsOf(slices: readonly Slice[], services: readonly string[]) {
  const endpoints = slices
    .filter(({ metadata: { namespace, labels } }) =>
      services.includes(nameOf(namespace, labels?.['kubernetes.io/service-name'] ?? '')),
    )
    .flatMap((slice) => slice.endpoints ?? []);
  const ready = endpoints.filter(({ conditions }) => conditions.ready !== false).flatMap(({ addresses }) => addresses);
  const serving = endpoints.filter(({ conditions }) => conditions.serving).flatMap(({ addresses }) => addresses);
  return { ready, serving: new Set([...ready, ...serving]) };
}

function certificatesOf(routes: readonly IngressRoute[], secrets: readonly Secret[]): readonly string[] {
  const named = new Set(routes.map(({ metadata, spec }) => nameOf(metadata.namespace, spec.tls?.secretName ?? '')));
  return secrets
    .filter(({ metadata }) => named.has(nameOf(metadata.namespace, metadata.name)))
    .map(({ data }) => new X509Certificate(Buffer.from(data?.['tls.crt'] ?? '', 'base64')).serialNumber)
    .map((hexadecimal) => BigInt(`0x${hexadecimal}`).toString());
}

interface Served {
  readonly rules: readonly string[];
  readonly middlewares: ReadonlySet<string>;
  /** Addresses by the name of Traefik's service. */
  readonly endpoints: readonly (readonly [string, readonly string[]])[];
  readonly certificates: ReadonlySet<string>;
}

interface RawData {
  readonly routers: Readonly<Record<string, { readonly rule: string; readonly priority: number }>>;
  readonly middlewares?: Readonly<Record<string, object>>;
  readonly services: Readonly<
    Record<string, { readonly loadBalancer?: { readonly servers?: readonly { readonly url: string }[] } }>
  >;
}

async function servedBy(origin: string): Promise<Served> {
  const data = (await (await fetch(`${origin}/api/rawdata`)).json()) as RawData;
  const metrics = await (await fetch(`${origin}/metrics`)).text();
  return {
    rules: Object.entries(data.routers)
      .filter(([name]) => name.endsWith('@kubernetescrd'))
      .map(([name, { rule, priority }]) => `${name} ${priority} ${rule}`),
    middlewares: new Set(Object.keys(data.middlewares ?? {})),
    endpoints: Object.entries(data.services).map(([name, { loadBalancer }]) => [
      name,
      (loadBalancer?.servers ?? []).map(({ url }) => new URL(url.replace(/^h2c:/, 'http:')).hostname),
    ]),
    certificates: new Set(
      [...metrics.matchAll(/^traefik_tls_certs_not_after\{.*serial="(\d+)"/gm)].map(([, serial = '']) => serial),
    ),
  };
}

/** Every way in which a pod does not serve what the cluster holds. */
function differences(wanted: Wanted, served: Served): readonly string[] {
  const rules = new Set(served.rules);
  const missing = [
    ...wanted.rules.filter((rule) => !rules.has(rule)),
    ...wanted.middlewares.filter((name) => !served.middlewares.has(name)),
    ...wanted.certificates.filter((serial) => !served.certificates.has(serial)),
  ];
  const gone = served.rules.filter((rule) => !wanted.mayBe.has(rule));
  const others = wanted.endpoints.flatMap(({ route, ready, serving }) => {
    const found = served.endpoints.filter(([name]) => name.startsWith(`${route}_`)).flatMap(([, hosts]) => hosts);
    const right = ready.every((host) => found.includes(host)) && found.every((host) => serving.has(host));
    return right ? [] : [`${route}: ${found.join()} instead of ${ready.join()}`];
  });
  return [...missing.map((text) => `missing: ${text}`), ...gone.map((text) => `not gone: ${text}`), ...others];
}
