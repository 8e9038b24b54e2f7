import { mkdtempSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiAccess } from '../controllers/loop/access.ts';
import { type ClusterPaths, cacheHome, inside } from '../local/cluster.ts';
import { apiServerDaemon, etcdDaemon } from '../local/control-plane.ts';
import { connect, type KubeApi } from '../local/kube.ts';
import { ensureCertificates, kubeconfig } from '../local/pki.ts';
import { createProgress } from '../local/progress.ts';
import { ensureTools } from '../local/tools.ts';
import { addressPlans, layOut, type Topology } from '../local/topology.ts';
import { freePorts } from './free-ports.ts';
import { createProgram, type Program, untilReady } from './program.ts';

/** A Kubernetes API without nodes and controllers: objects are stored, validated and watched, nothing acts on them. */
export interface ApiServer extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`; the port stays the same over restarts. */
  readonly origin: string;
  readonly port: number;
  /** As the owner, who may do anything, by client certificate. */
  readonly access: ApiAccess;
  /** Path of a kubeconfig of the owner. */
  readonly kubeconfig: string;
  /** PEM file of the authority that signed the server's certificate. */
  readonly caFile: string;
  /** Calls as the owner, for tests to make objects with. */
  readonly api: KubeApi;
  readonly etcd: Program;
  /** Its start waits until it is ready. */
  readonly apiServer: Program;
  /** Makes the ServiceAccount when there is none, and a token of it. It may do nothing until a role is bound to it. */
  readonly tokenOf: (namespace: string, serviceAccount: string) => Promise<string>;
  /** Makes etcd forget every version but the last: a watch from an older one is 410 once no cache has it. */
  readonly compact: () => Promise<void>;
}

/** What a test wants otherwise. */
export interface ApiServerOptions {
  /** Of kube-apiserver, by name without dashes; takes the place of the fixture's own. @default none */
  readonly flags?: Readonly<Record<string, string>>;
}

/**
 * Starts etcd and kube-apiserver, as the embedded cluster runs them, on loopback in a temporary folder. Takes about
 * five seconds. The programs end with this process at the latest.
 * @throws with the end of the program's log when one does not start.
 */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const folder = mkdtempSync(join(tmpdir(), 'edgeplane-api-'));
  const paths = pathsIn(folder);
  const [port, etcdPort, peerPort] = (await freePorts(3)) as [number, number, number];
  const topology = loopback(port);
  await mkdir(paths.logs);
  const [{ 'kube-apiserver': binary }] = await Promise.all([findBinary(), ensureCertificates(paths, topology)]);
  await writeFile(paths.kubeconfig, await kubeconfig(paths, topology, 'admin'), { mode: 0o600 });
  const api = connect(topology, paths);
  const logOf = (name: string) => join(paths.logs, `${name}.log`);
  const words = serverCommand(topology, paths, binary, etcdPort, options);
  const etcd = createProgram('etcd', etcdCommand(topology, paths, etcdPort, peerPort), logOf('etcd'));
  const server = createProgram('kube-apiserver', words, logOf('kube-apiserver'));
  const start = async () => {
    await server.start();
    await untilReady(server, () => api.isReady(), 50);
  };
  const caFile = join(paths.pki, 'ca.crt');
  const end = async () => {
    api.close();
    await server.kill();
    await etcd.kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await etcd.start();
    await start();
  } catch (error) {
    await end();
    throw error;
  }
  return {
    origin: `https://127.0.0.1:${port}`,
    port,
    access: ownerAccess(port, paths),
    kubeconfig: paths.kubeconfig,
    caFile,
    api,
    etcd,
    apiServer: { ...server, start },
    tokenOf: (namespace, name) => makeToken(api, namespace, name),
    compact: () => compact(paths, etcdPort),
    [Symbol.asyncDispose]: end,
  };
}

function pathsIn(folder: string): ClusterPaths {
  return {
    state: folder,
    run: folder,
    logs: join(folder, 'logs'),
    pki: join(folder, 'pki'),
    kubeconfig: join(folder, 'kubeconfig'),
    cache: cacheHome(process.env),
  };
}

/** The embedded cluster's own layout, with the control plane on loopback and no nodes. */
function loopback(apiPort: number): Topology {
  const topology = layOut({ name: 'fixture', nodes: [] }, addressPlans[0]!);
  return { ...topology, controlPlane: { ...topology.controlPlane, address: '127.0.0.1', apiPort } };
}

function findBinary() {
  const progress = createProgress({ isTTY: false, write: (text) => process.stderr.write(text) });
  const modules = join(__dirname, '../local/tools');
  const cacheDir = join(cacheHome(process.env), 'tools');
  return ensureTools(['kube-apiserver'], { modules, cacheDir, env: process.env, progress });
}

/** The cluster's command, in no namespace, with these flags instead of those of the same name; an empty one has no value. */
function replaceFlags(command: readonly string[], topology: Topology, flags: Readonly<Record<string, string>>) {
  const own = command.slice(inside(topology.controlPlane).length);
  const kept = own.filter((word) => !Object.keys(flags).some((name) => word.startsWith(`--${name}=`)));
  return [...kept, ...Object.entries(flags).map(([name, value]) => `--${name}${value === '' ? '' : `=${value}`}`)];
}

function etcdCommand(topology: Topology, paths: ClusterPaths, port: number, peerPort: number) {
  return replaceFlags(etcdDaemon(topology, paths).command, topology, {
    'listen-client-urls': `https://127.0.0.1:${port}`,
    'advertise-client-urls': `https://127.0.0.1:${port}`,
    'listen-peer-urls': `http://127.0.0.1:${peerPort}`,
    'initial-advertise-peer-urls': `http://127.0.0.1:${peerPort}`,
    'initial-cluster': `control=http://127.0.0.1:${peerPort}`,
    // Programs are killed here, machines are not: a disk that answers after seconds is to fail no write.
    'unsafe-no-fsync': '',
  });
}

function serverCommand(
  topology: Topology,
  paths: ClusterPaths,
  binary: string,
  etcdPort: number,
  options: ApiServerOptions,
) {
  return replaceFlags(apiServerDaemon(topology, paths, binary).command, topology, {
    'bind-address': '127.0.0.1',
    'etcd-servers': `https://127.0.0.1:${etcdPort}`,
    // An endpoint on loopback is refused by the server's own rules.
    'endpoint-reconciler-type': 'none',
    // Nobody makes the account `default` of a new namespace, without which it would take no pods.
    'disable-admission-plugins': 'ServiceAccount',
    ...options.flags,
  });
}

function ownerAccess(port: number, paths: ClusterPaths): ApiAccess {
  const pem = (name: string) => readFileSync(join(paths.pki, name), 'utf8');
  const credentials = { ca: pem('ca.crt'), cert: pem('admin.crt'), key: pem('admin.key') };
  return { origin: `https://127.0.0.1:${port}`, credentials: async () => credentials };
}

async function makeToken(api: KubeApi, namespace: string, name: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
  await api.apply(path, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
  const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
  const answer = await api.send({ method: 'POST', path: `${path}/token`, body, contentType: 'application/json' });
  return (JSON.parse(answer) as { readonly status: { readonly token: string } }).status.token;
}

/** By the JSON face of etcd's own API: its command-line client may not be installed. */
async function compact(paths: ClusterPaths, port: number): Promise<void> {
  const pem = (name: string) => readFileSync(join(paths.pki, name));
  const keys = { ca: pem('etcd-ca.crt'), cert: pem('etcd-client.crt'), key: pem('etcd-client.key') };
  const ask = (path: string, body: object) =>
    new Promise<{ readonly header: { readonly revision: string } }>((resolve, reject) => {
      const message = request({ ...keys, host: '127.0.0.1', port, path, method: 'POST' }, async (answer) => {
        const text = (await answer.toArray()).join('');
        if (answer.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${path}: ${answer.statusCode} ${text}`));
      });
      message.on('error', reject).end(JSON.stringify(body));
    });
  const { header } = await ask('/v3/kv/range', { key: Buffer.from('/').toString('base64'), count_only: true });
  await ask('/v3/kv/compaction', { revision: header.revision, physical: true });
}
