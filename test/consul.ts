import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheHome } from '../local/cluster.ts';
import { run } from '../local/command.ts';
import { createProgress } from '../local/progress.ts';
import { ensureTools } from '../local/tools.ts';
import { freePorts } from './free-ports.ts';
import { createProgram, untilReady } from './program.ts';

/** One instance as a test looks at it. */
export interface CatalogEntry {
  readonly Node: string;
  readonly ServiceID: string;
  readonly ServiceName: string;
  readonly ServiceAddress: string;
  readonly ServicePort: number;
  readonly ServiceTags: readonly string[];
  readonly ServiceMeta: Readonly<Record<string, string>>;
  readonly ModifyIndex: number;
}

/** A Consul server of its own, ACLs on and denying, its data on disk: it is the same after a restart. */
export interface ConsulServer extends AsyncDisposable {
  /** Plain HTTP on loopback. */
  readonly origin: string;
  /** TLS, signed by {@link ConsulServer.caFile}. */
  readonly secureOrigin: string;
  readonly caFile: string;
  /** Token that may do anything. */
  readonly owner: string;
  /** Makes a token with these rules. */
  readonly tokenOf: (rules: string) => Promise<string>;
  /** Any call as the owner: the parsed body. */
  readonly call: (method: 'GET' | 'PUT' | 'DELETE', path: string, body?: unknown) => Promise<unknown>;
  /** Every instance of the catalog but Consul's own, by name and id. */
  readonly entries: () => Promise<readonly CatalogEntry[]>;
  /** Grows with every change of the catalog and of keys, and with nothing else. */
  readonly lastChange: () => Promise<number>;
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly log: () => string;
}

/** Rules of a publisher of one cluster: what docs/catalog.md tells operators to give. */
export function publisherRules(cluster: string): string {
  return `
node_prefix "" { policy = "read" }
node_prefix "k8s.${cluster}." { policy = "write" }
service_prefix "" { policy = "write" }
session_prefix "" { policy = "write" }
key_prefix "edgeplane/catalog/${cluster}/" { policy = "write" }`;
}

/** Starts a server on loopback in a temporary folder. It ends with this process at the latest. */
export async function startConsul(): Promise<ConsulServer> {
  const folder = mkdtempSync(join(tmpdir(), 'edgeplane-consul-'));
  const { consul } = await findBinary();
  const owner = randomUUID();
  const [http, https, raft, lan, wan] = await freePorts(5);
  const ports = { http, https, server: raft, serf_lan: lan, serf_wan: wan };
  const certificate = await makeCertificate(folder);
  const configuration = {
    ...{ server: true, bootstrap_expect: 1, bind_addr: '127.0.0.1', client_addr: '127.0.0.1' },
    ...{ node_name: 'fixture', data_dir: join(folder, 'data'), disable_update_check: true, log_level: 'info' },
    ports: { ...ports, dns: -1, grpc: -1, grpc_tls: -1 },
    acl: { enabled: true, default_policy: 'deny', tokens: { initial_management: owner, agent: owner } },
    tls: { https: { cert_file: certificate.cert, key_file: certificate.key } },
    // Nothing is gossiped here: a single server need not wait for others.
    performance: { raft_multiplier: 1 },
    connect: { enabled: false },
    leave_on_terminate: false,
  };
  await writeFile(join(folder, 'consul.json'), JSON.stringify(configuration));
  const command = [consul, 'agent', `-config-file=${join(folder, 'consul.json')}`];
  const program = createProgram('consul', command, join(folder, 'consul.log'));
  const origin = `http://127.0.0.1:${ports.http}`;
  const call = callAs(origin, owner);
  const start = async () => {
    await program.start();
    await untilReady(program, () => hasLeader(call), 100);
  };
  await start();
  await untilSynced(program.log);
  return {
    ...program,
    ...{ origin, owner, call, start, caFile: certificate.cert },
    secureOrigin: `https://127.0.0.1:${ports.https}`,
    tokenOf: (rules) => makeToken(call, rules),
    entries: () => allEntries(call),
    lastChange: () => lastChange(origin, owner),
    async [Symbol.asyncDispose]() {
      await program.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function findBinary() {
  const progress = createProgress({ isTTY: false, write: (text) => process.stderr.write(text) });
  const modules = join(__dirname, '../local/tools');
  return ensureTools(['consul'], {
    modules,
    cacheDir: join(cacheHome(process.env), 'tools'),
    env: process.env,
    progress,
  });
}

/** Signs itself, and so is its own authority. */
async function makeCertificate(folder: string): Promise<{ readonly cert: string; readonly key: string }> {
  const [cert, key] = [join(folder, 'consul.crt'), join(folder, 'consul.key')];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-config', '/dev/null', '-subj', '/CN=server.dc1.consul', '-keyout', key, '-out', cert],
    ...['-addext', 'subjectAltName=IP:127.0.0.1,DNS:server.dc1.consul'],
  ]);
  return { cert, key };
}

type Call = ConsulServer['call'];

function callAs(origin: string, token: string): Call {
  return async (method, path, body) => {
    const init = { method, headers: { 'X-Consul-Token': token }, signal: AbortSignal.timeout(60_000) };
    const answer = await fetch(`${origin}${path}`, body === undefined ? init : { ...init, body: JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
}

/** The catalog has a node once there is a leader. */
async function hasLeader(call: Call): Promise<boolean> {
  const nodes = (await call('GET', '/v1/catalog/nodes').catch(() => [])) as readonly unknown[];
  return nodes.length > 0;
}

/** It writes its own node into the catalog a while after its start: nothing else changes there without a test. */
async function untilSynced(log: () => string): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!log().includes('Synced node info')) {
    if (performance.now() > deadline)
      throw new Error(`Consul does not write its own node; its log ends with:\n${log().slice(-2_000)}`);
    await sleep(100);
  }
}

async function makeToken(call: Call, rules: string): Promise<string> {
  const name = `test-${randomUUID()}`;
  await call('PUT', '/v1/acl/policy', { Name: name, Rules: rules });
  const made = (await call('PUT', '/v1/acl/token', { Policies: [{ Name: name }] })) as { readonly SecretID: string };
  return made.SecretID;
}

async function allEntries(call: Call): Promise<readonly CatalogEntry[]> {
  const names = Object.keys((await call('GET', '/v1/catalog/services?consistent')) as object).toSorted();
  const lists = names
    .filter((name) => name !== 'consul')
    .map((name) => call('GET', `/v1/catalog/service/${name}?consistent`) as Promise<readonly CatalogEntry[]>);
  return (await Promise.all(lists))
    .flat()
    .toSorted((a, b) => (`${a.ServiceName} ${a.ServiceID}` < `${b.ServiceName} ${b.ServiceID}` ? -1 : 1));
}

async function lastChange(origin: string, token: string): Promise<number> {
  const paths = ['/v1/catalog/nodes', '/v1/catalog/services', '/v1/health/state/any', '/v1/kv/?recurse'];
  const indexes = paths.map(async (path) => {
    const answer = await fetch(`${origin}${path}`, { headers: { 'X-Consul-Token': token } });
    await answer.arrayBuffer();
    return Number(answer.headers.get('x-consul-index'));
  });
  return Math.max(...(await Promise.all(indexes)));
}
