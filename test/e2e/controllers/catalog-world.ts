import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Flags, parseFlags } from '../../../controllers/catalog/flags.ts';
import { type RunningPublisher, startPublisher } from '../../../controllers/catalog/program.ts';
import type { ApiAccess } from '../../../controllers/loop/access.ts';
import { systemClock } from '../../../controllers/loop/clock.ts';
import { ApiFailed } from '../../../local/kube.ts';
import { type CatalogEntry, type ConsulServer, publisherRules } from '../../consul.ts';
import type { ApiServer } from '../../kube-apiserver.ts';
import { eventually } from '../kubectl.ts';

/** Objects of one test, in namespaces and on nodes of its own. */
export interface World extends AsyncDisposable {
  /** Of this test alone: cluster id, and the start of its namespaces' names. */
  readonly id: string;
  readonly namespace: (name: string) => Promise<string>;
  readonly node: (name: string, address: string, given?: NodeGiven) => Promise<void>;
  readonly removeNode: (name: string) => Promise<void>;
  /** A NodePort Service with one endpoint on each named node. */
  readonly service: (namespace: string, name: string, given: ServiceGiven) => Promise<void>;
  readonly endpoints: (namespace: string, name: string, nodes: Readonly<Record<string, boolean>>) => Promise<void>;
  readonly removeService: (namespace: string, name: string) => Promise<void>;
  /** File with a token of a publisher of this cluster, or with other rules. */
  readonly tokenFile: (rules?: string) => Promise<string>;
  /** Flags of a publisher of this cluster. */
  readonly flags: (...more: readonly string[]) => Promise<Flags>;
  /** Instances that carry this cluster, by name and id. */
  readonly entries: () => Promise<readonly CatalogEntry[]>;
  /** Starts one in this process. */
  readonly publish: (flags: Flags, given?: PublishGiven) => Promise<Published>;
}

export interface NodeGiven {
  readonly ready?: boolean;
  readonly cordoned?: boolean;
}

export interface ServiceGiven {
  readonly nodePort: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly local?: boolean;
  readonly type?: string;
  /** @default one ready endpoint on the node `<id>-n1` */
  readonly on?: Readonly<Record<string, boolean>>;
}

export interface PublishGiven {
  /** @default as the owner */
  readonly access?: ApiAccess;
  /** How long what was read of Consul is believed, milliseconds. @default 400 */
  readonly rereadMs?: number;
}

/** A publisher of a test and what it said. */
export interface Published extends RunningPublisher, AsyncDisposable {
  readonly logged: (event: string) => number;
  /** The text of its page of metrics. */
  readonly metrics: () => Promise<string>;
  /** Waits until it is ready: what it found to be written at its start has been written. */
  readonly ready: () => Promise<void>;
  /** Waits until it has reconciled anew, from beginning to end, this often: what it would do it has had the time to do. */
  readonly rounds: (count: number) => Promise<void>;
}

const timing = {
  // No session ends by itself here, however long the machine stands still.
  lock: { ttlMs: 120_000, renewMs: 500, lookMs: 200 },
  watch: { backoff: { firstMs: 50, mostMs: 500 } },
  reconcile: { quietMs: 20, mostWaitMs: 100, minGapMs: 50, repeatMs: 500, backoff: { firstMs: 100, mostMs: 500 } },
  rereadMs: 400,
};

let worlds = 0;

export function createWorld(server: ApiServer, consul: ConsulServer): World {
  worlds += 1;
  const id = `w${worlds}`;
  const folder = mkdtempSync(join(tmpdir(), 'edgeplane-catalog-'));
  const nodes = new Set<string>();
  const running: Published[] = [];
  const { api } = server;
  const remove = async (path: string) => {
    const isGone = (error: unknown) => error instanceof ApiFailed && error.status === 404;
    await eventually(() => api.send({ method: 'DELETE', path }).then(() => true, isGone), Boolean);
  };
  const removeNode = async (name: string) => {
    nodes.delete(name);
    await remove(`/api/v1/nodes/${name}`);
  };
  const endpoints: World['endpoints'] = (namespace, name, on) =>
    api.apply(
      `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${name}`,
      endpointSlice(namespace, name, on),
    );
  const tokenFile = async (rules = publisherRules(id)) => {
    const file = join(folder, `token-${Math.random().toString(36).slice(2)}`);
    await writeFile(file, await consul.tokenOf(rules), { mode: 0o600 });
    return file;
  };
  return {
    id,
    removeNode,
    endpoints,
    tokenFile,
    async namespace(name) {
      const full = `${id}-${name}`;
      await api.apply(`/api/v1/namespaces/${full}`, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: full } });
      return full;
    },
    async node(name, address, given = {}) {
      nodes.add(name);
      await api.apply(`/api/v1/nodes/${name}`, {
        ...{ apiVersion: 'v1', kind: 'Node', metadata: { name } },
        ...(given.cordoned ? { spec: { unschedulable: true } } : {}),
      });
      await api.apply(`/api/v1/nodes/${name}/status`, {
        ...{ apiVersion: 'v1', kind: 'Node', metadata: { name } },
        status: {
          addresses: [{ type: 'InternalIP', address }],
          conditions: [{ type: 'Ready', status: given.ready === false ? 'Unknown' : 'True', reason: 'x' }],
        },
      });
    },
    async service(namespace, name, given) {
      await api.apply(`/api/v1/namespaces/${namespace}/services/${name}`, nodePortService(namespace, name, given));
      await endpoints(namespace, name, given.on ?? { [`${id}-n1`]: true });
    },
    async removeService(namespace, name) {
      await remove(`/api/v1/namespaces/${namespace}/services/${name}`);
      await remove(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${name}`);
    },
    async flags(...more) {
      const given = more.some((flag) => flag.startsWith('--consul-token-file'));
      const token = given ? [] : [`--consul-token-file=${await tokenFile()}`];
      const origin = more.some((flag) => flag.startsWith('--consul=')) ? [] : [`--consul=${consul.origin}`];
      const parsed = parseFlags([
        `--cluster-id=${id}`,
        '--health-port=0',
        '--address=127.0.0.1',
        ...origin,
        ...token,
        ...more,
      ]);
      if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
      return parsed.flags;
    },
    entries: () => entriesOf(consul, id),
    async publish(flags, given = {}) {
      const published = await publishOnce(flags, given.access ?? server.access, given.rereadMs ?? timing.rereadMs);
      running.push(published);
      return published;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((published) => published[Symbol.asyncDispose]()));
      await Promise.all([...nodes].map(removeNode));
      const registered = (await consul.call('GET', '/v1/catalog/nodes')) as { readonly Node: string }[];
      for (const { Node } of registered.filter((entry) => entry.Node.startsWith(`k8s.${id}.`))) {
        await consul.call('PUT', '/v1/catalog/deregister', { Node });
      }
      const spaces = (await api.get('/api/v1/services')) as {
        items: { metadata: { name: string; namespace: string } }[];
      };
      for (const { metadata } of spaces.items) {
        if (metadata.namespace.startsWith(`${id}-`)) {
          await remove(`/api/v1/namespaces/${metadata.namespace}/services/${metadata.name}`);
        }
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function publishOnce(flags: Flags, access: ApiAccess, rereadMs: number): Promise<Published> {
  const events: string[] = [];
  const log = (_: string, event: string, facts?: object) => {
    events.push(event);
    if (process.env.EDGEPLANE_TEST_LOG) process.stderr.write(`${event} ${JSON.stringify(facts ?? {})}\n`);
  };
  const publisher = await startPublisher(flags, {
    ...{ access, instance: 'test', clock: systemClock, log },
    timing: { ...timing, rereadMs },
  });
  const metrics = async () => (await fetch(`http://127.0.0.1:${publisher.healthPort}/metrics`)).text();
  const succeeded = async () => Number(/reconciles_total\{outcome="succeeded"\} (\d+)/.exec(await metrics())?.[1] ?? 0);
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= publisher.stop();
    return stopping;
  };
  return {
    ...publisher,
    stop,
    logged: (event) => events.filter((name) => name === event).length,
    metrics,
    ready: async () => {
      await eventually(
        async () => publisher.unready(),
        (why) => why === null,
      );
    },
    rounds: async (count) => {
      // One may have been under way.
      const wanted = (await succeeded()) + count + 1;
      await eventually(succeeded, (found) => found >= wanted);
    },
    [Symbol.asyncDispose]: stop,
  };
}

function nodePortService(namespace: string, name: string, given: ServiceGiven) {
  const { nodePort, annotations = { 'traefik.io/enable': 'true' }, local = false, type = 'NodePort' } = given;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, annotations },
    spec: {
      type,
      ...(local ? { externalTrafficPolicy: 'Local' } : {}),
      ports: [{ name: 'http', port: 80, ...(type === 'NodePort' ? { nodePort } : {}), protocol: 'TCP' }],
    },
  };
}

function endpointSlice(namespace: string, name: string, on: Readonly<Record<string, boolean>>) {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: Object.entries(on).map(([nodeName, ready], index) => ({
      addresses: [`10.244.0.${index + 1}`],
      nodeName,
      conditions: { ready },
    })),
  };
}

async function entriesOf(consul: ConsulServer, cluster: string): Promise<readonly CatalogEntry[]> {
  const all = await consul.entries();
  return all.filter(({ ServiceMeta }) => ServiceMeta['edgeplane-cluster'] === cluster);
}

/** Waits until the ids that carry this cluster are these. */
export async function untilIds(consul: ConsulServer, cluster: string, wanted: readonly string[]): Promise<void> {
  const ids = async () => {
    const entries = await entriesOf(consul, cluster).catch(() => []);
    return entries.map(({ ServiceID }) => ServiceID).toSorted();
  };
  await eventually(ids, (found) => found.join() === wanted.toSorted().join());
}
