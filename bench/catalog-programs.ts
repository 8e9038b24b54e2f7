import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { publisherNodeOptions } from '../components/compile/edges/catalog/publisher.ts';
import { cacheHome } from '../local/cluster.ts';
import { silentProgress } from '../local/progress.ts';
import { ensureTools } from '../local/tools.ts';
import { bundleControllers } from '../scripts/bundle.ts';
import { type CatalogEntry, type ConsulServer, publisherRules } from '../test/consul.ts';
import { freePort } from '../test/free-ports.ts';
import type { ApiServer } from '../test/kube-apiserver.ts';

/** The cluster id under which this bench publishes. */
export const clusterId = 'bench';

/** What the publisher has done since it started, by its own count. */
export interface Work {
  readonly transactions: number;
  /** Instances written, as often as each was. */
  readonly instances: number;
}

/** The bundled publisher as a process of its own. */
export interface PublisherProcess extends AsyncDisposable {
  readonly work: () => Promise<Work>;
  /** Memory now and at its highest, MiB. */
  readonly memory: () => Promise<{ readonly now: number; readonly highest: number }>;
}

/** What a publisher is started with. */
export interface PublisherOptions {
  readonly root: string;
  /** For its program and its token. */
  readonly folder: string;
  readonly server: ApiServer;
  readonly consul: ConsulServer;
}

/** Bundles the publisher as its image does; gives back what starts it. */
export async function preparePublisher({ root, folder, server, consul }: PublisherOptions) {
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, await consul.tokenOf(publisherRules(clusterId)), { mode: 0o600 });
  await bundleControllers(root, folder);
  return async (): Promise<PublisherProcess> => {
    const flags = [`--cluster-id=${clusterId}`, `--kubeconfig=${server.kubeconfig}`, `--consul=${consul.origin}`];
    const own = [`--consul-token-file=${tokenFile}`, '--address=127.0.0.1', '--health-port=0'];
    const command = [process.execPath, join(folder, 'catalog.cjs'), ...flags, ...own];
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, NODE_OPTIONS: publisherNodeOptions },
    });
    const port = await readPort(child);
    return {
      work: () => readWork(port),
      memory: () => readMemory(child.pid),
      [Symbol.asyncDispose]: () => end(child),
    };
  };
}

async function readPort(child: ChildProcess): Promise<number> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const event = JSON.parse(line) as { readonly event: string; readonly healthPort: number };
    if (event.event === 'listening') {
      child.stdout?.resume();
      return event.healthPort;
    }
  }
  throw new Error(`the publisher ended with ${child.exitCode} before it listened`);
}

async function readWork(port: number): Promise<Work> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const value = (name: string) => {
    const line = text.split('\n').find((entry) => entry.startsWith(`edgeplane_catalog_${name} `));
    if (line === undefined) throw new Error(`metrics of the publisher: found no edgeplane_catalog_${name}`);
    return Number(line.split(' ').at(-1));
  };
  return {
    transactions: value('transactions_total'),
    instances: value('operations_total{object="instance",kind="written"}'),
  };
}

async function readMemory(pid: number | undefined) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const mib = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: mib('VmRSS'), highest: mib('VmHWM') };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/** A real Traefik that reads the catalog, as the internal edge does. */
export interface TraefikProcess extends AsyncDisposable {
  /** Status of a request for a host. */
  readonly ask: (host: string) => Promise<number>;
}

const edgeRules = 'node_prefix "" { policy = "read" }\nservice_prefix "" { policy = "read" }';

/** Starts Traefik on loopback; what it reads of the catalog comes later. */
export async function startTraefik(root: string, consul: ConsulServer): Promise<TraefikProcess> {
  const { traefik } = await ensureTools(['traefik'], {
    ...{ modules: join(root, 'local/tools'), cacheDir: join(cacheHome(process.env), 'tools') },
    ...{ env: process.env, progress: silentProgress },
  });
  const port = await freePort();
  // Traefik takes its options from one place alone, and the token is to be in no command line.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', traefik], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      TRAEFIK_ENTRYPOINTS_WEB_ADDRESS: `127.0.0.1:${port}`,
      TRAEFIK_PROVIDERS_PROVIDERSTHROTTLEDURATION: '500ms',
      TRAEFIK_PROVIDERS_CONSULCATALOG_EXPOSEDBYDEFAULT: 'false',
      TRAEFIK_PROVIDERS_CONSULCATALOG_WATCH: 'true',
      TRAEFIK_PROVIDERS_CONSULCATALOG_ENDPOINT_ADDRESS: new URL(consul.origin).host,
      TRAEFIK_PROVIDERS_CONSULCATALOG_ENDPOINT_TOKEN: await consul.tokenOf(edgeRules),
    },
  });
  await once(child, 'spawn');
  return { ask: (host) => statusOf(port, host), [Symbol.asyncDispose]: () => end(child) };
}

/** 0 while nobody listens. */
function statusOf(port: number, host: string): Promise<number> {
  return new Promise((resolve) => {
    const message = get({ host: '127.0.0.1', port, path: '/', headers: { host }, timeout: 5_000 }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    message.on('timeout', () => message.destroy());
    message.on('error', () => resolve(0));
  });
}

/** Asks every 20 ms until a host is served. @throws after a minute. */
export function untilServed(traefik: TraefikProcess, host: string): Promise<void> {
  return until(`${host}: a route in Traefik`, async () => (await traefik.ask(host)) === 200);
}

/** Asks every 20 ms until Consul has a host in a tag of a Service's instances. @throws after a minute. */
export function untilTagged(consul: ConsulServer, service: string, host: string): Promise<void> {
  return until(`${host}: a tag in Consul`, async () => {
    const found = (await consul.call('GET', `/v1/catalog/service/${service}`)) as readonly CatalogEntry[];
    return found.some(({ ServiceTags }) => ServiceTags.some((tag) => tag.includes(host)));
  });
}

async function until(what: string, isThere: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isThere())) {
    if (performance.now() > deadline) throw new Error(`${what}: found none after 60 s, expected one`);
    await sleep(20);
  }
}
