import type { KubeApi } from '../local/kube.ts';

/** Where the objects of this bench go: a namespace holds a hundred Services, as many as a large team has. */
const perNamespace = 100;

/** Node ports of the Services are counted from here: below the ports that a machine gives to callers. */
export const firstPort = 21_000;

/** Flag of kube-apiserver: room for the Services and for those that are added. */
export const portRange = '21000-25999';

const nodes = ['n1', 'n2', 'n3'] as const;

/** Addresses of the nodes, all of them of this machine, so that Traefik reaches what answers there. */
export const nodeAddresses: readonly string[] = nodes.map((_, index) => `127.0.0.${index + 2}`);

const namespaceOf = (service: number) => `team-${Math.floor(service / perNamespace)}`;

/** The name under which the publisher of a whole cluster has a Service in Consul. */
export const catalogNameOf = (service: number) => `s${service}-${namespaceOf(service)}`;

/** The host that a Service asks for at first. */
export const hostOf = (service: number) => `s${service}.internal.example.org`;

/** Makes three ready nodes and this many NodePort Services, each with one ready endpoint on each node. */
export async function makeWorld(api: KubeApi, services: number): Promise<void> {
  const namespaces = Array.from({ length: Math.ceil((services + 1) / perNamespace) + 1 }, (_, index) => index);
  await Promise.all(nodes.map((name, index) => makeNode(api, name, nodeAddresses[index]!)));
  await Promise.all(
    namespaces.map((index) =>
      create(api, '/api/v1/namespaces', {
        ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `team-${index}` } },
      }),
    ),
  );
  let next = 0;
  const makers = Array.from({ length: 8 }, async () => {
    while (next < services) {
      const service = next;
      next += 1;
      await addService(api, service, hostOf(service));
    }
  });
  await Promise.all(makers);
}

/** Adds a Service that asks for a host, and its endpoints. */
export async function addService(api: KubeApi, service: number, host: string): Promise<void> {
  const namespace = namespaceOf(service);
  const metadata = { name: `s${service}`, namespace };
  await create(api, `/api/v1/namespaces/${namespace}/services`, {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { ...metadata, annotations: annotationsFor(service, host) } },
    spec: { type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: firstPort + service, protocol: 'TCP' }] },
  });
  await create(api, `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': metadata.name } },
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: nodes.map((nodeName, index) => ({
      addresses: [`10.244.${index}.${(service % 250) + 1}`],
      nodeName,
      conditions: { ready: true },
    })),
  });
}

/** Gives a Service another host. */
export async function changeHost(api: KubeApi, service: number, host: string): Promise<void> {
  await api.send({
    ...{ method: 'PATCH', path: `/api/v1/namespaces/${namespaceOf(service)}/services/s${service}` },
    ...{ contentType: 'application/merge-patch+json' },
    body: JSON.stringify({ metadata: { annotations: annotationsFor(service, host) } }),
  });
}

function annotationsFor(service: number, host: string): Readonly<Record<string, string>> {
  return { 'traefik.io/enable': 'true', [`traefik.io/http.routers.s${service}.rule`]: `Host(\`${host}\`)` };
}

async function makeNode(api: KubeApi, name: string, address: string): Promise<void> {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
  await api.apply(`/api/v1/nodes/${name}`, node);
  await api.apply(`/api/v1/nodes/${name}/status`, {
    ...node,
    status: {
      addresses: [{ type: 'InternalIP', address }],
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
    },
  });
}

async function create(api: KubeApi, path: string, object: object): Promise<void> {
  await api.send({ method: 'POST', path, body: JSON.stringify(object), contentType: 'application/json' });
}
