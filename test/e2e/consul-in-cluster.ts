import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { cacheHome } from '../../local/cluster.ts';
import { ensureTools } from '../../local/tools.ts';
import { publisherRules } from '../consul.ts';
import { projectRoot, type SharedCluster, surroundings } from './cluster.ts';
import { eventually, kubectlOf } from './kubectl.ts';
import { forwardPort } from './port-forward.ts';

const namespace = 'consul';
const labels = { 'app.kubernetes.io/name': 'consul' };

/** What the internal Traefik may do: read. docs/catalog.md tells operators the same. */
const edgeRules = 'node_prefix "" { policy = "read" }\nservice_prefix "" { policy = "read" }';

/** A Consul server inside the cluster, ACLs on and denying. */
export interface ConsulInCluster {
  /** host:port of its HTTP API, from inside. */
  readonly address: string;
  /** Tokens of the publisher of one cluster, and of an edge. */
  readonly tokens: { readonly publisher: string; readonly edge: string };
  /** Every instance but Consul's own. */
  readonly instances: () => Promise<readonly Instance[]>;
  readonly drop: () => Promise<void>;
}

interface Instance {
  readonly service: string;
  readonly id: string;
  readonly tags: readonly string[];
  /** The node of Kubernetes it stands for. */
  readonly node: string;
  /** Whether every check of it and of its node passes, as whoever serves it sees it. */
  readonly isPassing: boolean;
}

/** The cluster with Consul among its tools, as its image is built from. */
export async function withConsul(shared: SharedCluster): Promise<SharedCluster> {
  const { consul } = await ensureTools(['consul'], {
    modules: join(projectRoot, 'local/tools'),
    cacheDir: join(cacheHome(process.env), 'tools'),
    env: process.env,
    progress: surroundings().progress,
  });
  return { ...shared, tools: { ...shared.tools, consul } as SharedCluster['tools'] };
}

/** Starts it from the image `edgeplane.local/consul:local`, which every node must have. */
export async function startConsulInCluster(
  shared: SharedCluster,
  image: string,
  cluster: string,
): Promise<ConsulInCluster> {
  const kubectl = kubectlOf(shared);
  await kubectl.freshNamespace(namespace);
  const owner = randomUUID();
  await kubectl.apply(...objects(image, owner));
  await kubectl('-n', namespace, 'rollout', 'status', 'deployment/consul', '--timeout=120s');
  const consul = (...args: readonly string[]) =>
    kubectl('-n', namespace, 'exec', 'deploy/consul', '--', '/consul', ...args);
  await eventually(
    () => kubectl.attempt('-n', namespace, 'exec', 'deploy/consul', '--', '/consul', 'acl', 'token', 'list'),
    ({ exitCode }) => exitCode === 0,
  );
  const tokenOf = async (name: string, rules: string) => {
    await consul('acl', 'policy', 'create', `-name=${name}`, `-rules=${rules}`);
    const made = JSON.parse(await consul('acl', 'token', 'create', `-policy-name=${name}`, '-format=json'));
    return (made as { SecretID: string }).SecretID;
  };
  const pod = await kubectl('-n', namespace, 'get', 'pods', '-o', 'jsonpath={.items[0].metadata.name}');
  const forwarded = await forwardPort(shared, namespace, pod, 8500);
  const get = async (path: string) => {
    // A server whose disk is slow has no leader for a moment.
    const response = await eventually(
      () => fetch(`${forwarded.origin}${path}`, { headers: { 'X-Consul-Token': owner } }),
      ({ ok }) => ok,
    );
    return (await response.json()) as object;
  };
  return {
    address: `consul.${namespace}.svc.cluster.local:8500`,
    tokens: { publisher: await tokenOf('publisher', publisherRules(cluster)), edge: await tokenOf('edge', edgeRules) },
    instances: async () => {
      const names = Object.keys(await get('/v1/catalog/services')).filter((name) => name !== 'consul');
      const entries = await Promise.all(names.map((name) => get(`/v1/health/service/${name}`) as Promise<Entries>));
      return entries.flat().map(({ Service, Node, Checks }) => ({
        service: Service.Service,
        id: Service.ID,
        tags: Service.Tags,
        node: Node.Meta['edgeplane-node'] ?? '',
        isPassing: Checks.length > 0 && Checks.every(({ Status }) => Status === 'passing'),
      }));
    },
    drop: async () => {
      forwarded.close();
      await kubectl.drop(namespace);
    },
  };
}

type Entries = readonly {
  readonly Service: { readonly Service: string; readonly ID: string; readonly Tags: readonly string[] };
  readonly Node: { readonly Meta: Readonly<Record<string, string>> };
  readonly Checks: readonly { readonly Status: string }[];
}[];

function objects(image: string, owner: string): readonly object[] {
  const metadata = { name: 'consul', namespace };
  const configuration = {
    server: true,
    bootstrap_expect: 1,
    bind_addr: '{{ GetPrivateIP }}',
    client_addr: '0.0.0.0',
    data_dir: '/data',
    disable_update_check: true,
    performance: { raft_multiplier: 1 },
    connect: { enabled: false },
    acl: { enabled: true, default_policy: 'deny', tokens: { initial_management: owner, agent: owner } },
  };
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      stringData: { 'consul.json': JSON.stringify(configuration), owner },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: labels, ports: [{ name: 'http', port: 8500, targetPort: 8500 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podOf(image) } },
    },
  ];
}

function podOf(image: string): object {
  const ownerToken = { name: 'CONSUL_HTTP_TOKEN', valueFrom: { secretKeyRef: { name: 'consul', key: 'owner' } } };
  return {
    automountServiceAccountToken: false,
    containers: [
      {
        name: 'consul',
        image,
        imagePullPolicy: 'IfNotPresent',
        args: ['agent', '-config-file=/config/consul.json'],
        env: [ownerToken],
        ports: [{ containerPort: 8500 }],
        readinessProbe: { tcpSocket: { port: 8500 }, periodSeconds: 1 },
        volumeMounts: [
          { name: 'config', mountPath: '/config' },
          { name: 'data', mountPath: '/data' },
        ],
      },
    ],
    volumes: [
      { name: 'config', secret: { secretName: 'consul', items: [{ key: 'consul.json', path: 'consul.json' }] } },
      { name: 'data', emptyDir: {} },
    ],
  };
}
