import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ClusterPaths, cacheHome, clusterPaths, nodePaths } from '../../../local/cluster.ts';
import { attempt } from '../../../local/command.ts';
import { privateFolders } from '../../../local/node.ts';
import { readStatus } from '../../../local/status.ts';
import { projectRoot, type SharedCluster } from '../cluster.ts';
import { kubectlOf } from '../kubectl.ts';
import { sharedCluster } from '../shared-cluster.ts';
import { snapshot } from './machine.ts';

/** A cluster of its own, with a state folder of its own, that these tests may break; tools come from the usual cache. */
const name = 'ud';
const { tools } = sharedCluster();
let home: string;
let env: Readonly<Record<string, string | undefined>>;
let paths: ClusterPaths;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'life-'));
  const cache = join(cacheHome(process.env), '..');
  env = { ...process.env, XDG_STATE_HOME: home, XDG_CACHE_HOME: cache };
  paths = clusterPaths(name, env);
});
afterAll(async () => {
  await edgeplane('down');
  await rm(home, { recursive: true, force: true });
});

beforeEach(async () => {
  await edgeplane('down');
});

function begin(verb: string, ...words: readonly string[]): ChildProcess {
  const own = verb === 'up' ? ['--no-apps'] : [];
  const command = [join(projectRoot, 'cli/edgeplane.cjs'), verb, '--name', name, ...own, ...words];
  return spawn(process.execPath, command, { env, stdio: ['ignore', 'ignore', 'pipe'] });
}

interface Ended {
  readonly code: number | null;
  readonly words: string;
}

async function ended(child: ChildProcess): Promise<Ended> {
  const words: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => words.push(chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, words: words.join('') };
}

const small = ['--edges', '1', '--workers', '1'];
const edgeplane = (verb: string, ...words: readonly string[]) => ended(begin(verb, ...words));
const isHealthy = async () => (await readStatus(paths))?.healthy;

/** Waits until a sign of progress is there, so that an interruption meets the same step on any machine. */
async function reached(sign: string): Promise<void> {
  while (!existsSync(sign)) await sleep(5);
}

test('down leaves the machine as it was before up', async () => {
  const before = await snapshot(name, home);
  expect(await edgeplane('up', ...small)).toMatchObject({ code: 0 });
  const kubectl = kubectlOf({ tools, paths });
  await kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=60s');
  const during = await snapshot(name, home);
  expect(await edgeplane('down')).toMatchObject({ code: 0 });
  expect(await snapshot(name, home)).toEqual(before);
  const parts = ['processes', 'namespaces', 'mounts', 'links', 'routes', 'cgroups', 'folders'] as const;
  const unseen = parts.filter((part) => during[part].length <= before[part].length);
  expect(unseen).toEqual([]); // The comparison above would prove nothing about what is not seen here.
});

/** Which of the folders that nodes mount over are mounted in a node. */
async function mounted({ paths: theirs, topology }: SharedCluster): Promise<readonly string[]> {
  const [node] = topology.nodes;
  if (node === undefined) throw new Error('the shared cluster has no node');
  const handle = `--mount=${nodePaths(theirs, node).mountNamespace}`;
  const found = await attempt('nsenter', [handle, 'cat', '/proc/self/mountinfo']);
  return privateFolders.filter((folder) => found.stdout.split('\n').some((line) => line.split(' ')[4] === folder));
}

test('down touches no other cluster: its components run on, its volumes stay mounted', async () => {
  const others = sharedCluster();
  const before = await readStatus(others.paths);
  await edgeplane('up', ...small);
  await edgeplane('down');
  expect(await readStatus(others.paths)).toEqual(before);
  expect(await mounted(others)).toEqual(privateFolders);
});

test.each([
  ['the record', () => join(paths.state, 'cluster.json')],
  ['the namespaces', () => `/run/netns/edgeplane-${name}-worker-1`],
  ['the keys', () => join(paths.pki, 'admin.key')],
  ['etcd', () => join(paths.run, 'pids/etcd')],
  ['the API server', () => join(paths.run, 'pids/kube-apiserver')],
  ['a kubelet', () => join(paths.run, 'pids/worker-1.kubelet')],
])('Ctrl-C after %s ends up with 130 and the next up goes on to a healthy cluster', async (_what, sign) => {
  const child = begin('up', ...small);
  const outcome = ended(child);
  await reached(sign());
  child.kill('SIGINT');
  expect(await outcome).toMatchObject({ code: 130 });
  expect(await edgeplane('up', ...small)).toMatchObject({ code: 0 });
  expect(await isHealthy()).toBe(true);
});

test('an up that is killed in the middle leaves nothing that the next up cannot take over', async () => {
  const child = begin('up', ...small);
  const outcome = ended(child);
  await reached(join(paths.run, 'pids/kube-apiserver'));
  child.kill('SIGKILL');
  await outcome;
  expect(await edgeplane('up', ...small)).toMatchObject({ code: 0 });
  expect(await isHealthy()).toBe(true);
});

test('down removes a half-made cluster', async () => {
  const before = await snapshot(name, home);
  const child = begin('up', ...small);
  const outcome = ended(child);
  await reached(join(paths.run, 'pids/etcd'));
  child.kill('SIGKILL');
  await outcome;
  expect(await edgeplane('down')).toMatchObject({ code: 0 });
  const after = await snapshot(name, home);
  expect(after).toEqual(before);
});

test('of two ups at once one works and the other says who is at it', async () => {
  const first = begin('up', ...small);
  const outcome = ended(first);
  await reached(`${paths.state}.lock`);
  const second = await edgeplane('up', ...small);
  expect(second.code).toBe(3);
  expect(second.words).toContain(`process ${first.pid} is at work`);
  expect(await outcome).toMatchObject({ code: 0 });
});

test('a component that cannot start is named with its log, and up exits with 3', async () => {
  expect(await edgeplane('up', ...small)).toMatchObject({ code: 0 });
  const pid = Number((await readFile(join(paths.run, 'pids/kube-scheduler'), 'utf8')).split('\n')[1]?.split(' ')[0]);
  process.kill(pid, 'SIGKILL');
  const listen = `require('node:net').createServer().listen(10259, '127.0.0.1', () => console.log('listening'))`;
  const squatter = spawn('nsenter', [`--net=/run/netns/edgeplane-${name}-control`, process.execPath, '-e', listen]);
  await once(squatter.stdout, 'data');
  const gone = once(squatter, 'close');
  try {
    const { code, words } = await edgeplane('up');
    expect(code).toBe(3);
    expect(words).toContain('kube-scheduler: it has ended');
    expect(words).toContain(join(paths.logs, 'kube-scheduler.log'));
    expect(words).toContain('address already in use');
  } finally {
    squatter.kill('SIGKILL');
    await gone;
  }
  expect(await edgeplane('up')).toMatchObject({ code: 0 });
});

test('other nodes than the cluster has are refused with the way out', async () => {
  await edgeplane('up', ...small);
  const { code, words } = await edgeplane('up', '--edges', '3');
  expect(code).toBe(3);
  expect(words).toContain('run: edgeplane down');
});

test('down of a cluster that is not there is fine and changes nothing', async () => {
  const before = await snapshot(name, home);
  expect(await edgeplane('down')).toMatchObject({ code: 0 });
  expect(await snapshot(name, home)).toEqual(before);
});

test('the kubeconfig that up prints works and belongs to its owner only', async () => {
  const { words } = await edgeplane('up', ...small);
  const printed = /KUBECONFIG=(\S+)/.exec(words)?.[1] ?? '';
  expect(((await stat(printed)).mode & 0o777).toString(8)).toBe('600');
  const { exitCode } = await attempt(tools.kubectl, ['--kubeconfig', printed, 'get', 'nodes']);
  expect(exitCode).toBe(0);
});
