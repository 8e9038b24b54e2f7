import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, kubectlOf } from '../kubectl.ts';
import { sharedCluster } from '../shared-cluster.ts';
import { pod, service } from './objects.ts';

const cluster = sharedCluster();
const kubectl = kubectlOf(cluster);
const [near, far] = ['e2e-near', 'e2e-far'] as const;

beforeAll(async () => {
  await Promise.all([kubectl.freshNamespace(near), kubectl.freshNamespace(far)]);
  await kubectl.apply(
    pod(near, 'client', { nodeName: 'worker-1' }),
    pod(far, 'web', { nodeName: 'worker-2', image: 'echo', command: ['/echo', '-name', 'afar'] }),
    service(far, 'web', 8080),
  );
  await kubectl('-n', near, 'wait', 'pod/client', '--for=condition=Ready', '--timeout=60s');
  await kubectl('-n', far, 'wait', 'pod/web', '--for=condition=Ready', '--timeout=60s');
});
afterAll(() => Promise.all([kubectl.drop(near), kubectl.drop(far)]));

const inClient = (...command: readonly string[]) => kubectl.attempt('-n', near, 'exec', 'client', '--', ...command);

/** What the echo server in `far` says of a request. */
interface Report {
  readonly service: string;
  readonly remoteAddr: string;
}

/** The address that a name has for a pod. Of Debian's static busybox, nslookup alone resolves names. */
async function resolve(name: string): Promise<string | undefined> {
  const { stdout } = await inClient('nslookup', '-type=a', name);
  return /Name:\s+\S+\s+Address: (\S+)/.exec(stdout)?.[1];
}

/** What the echo server answers a pod that asks this address, port 80. */
async function ask(address: string): Promise<Report> {
  const request = 'GET / HTTP/1.0\\r\\n\\r\\n';
  const { stdout } = await inClient('/bin/sh', '-c', `printf '${request}' | nc -w 5 ${address} 80`);
  return JSON.parse(stdout.slice(stdout.indexOf('\r\n\r\n'))) as Report;
}

test('a pod resolves and reaches a Service in another namespace on another node', async () => {
  const address = await eventually(
    () => resolve('web.e2e-far.svc.cluster.local'),
    (found) => found !== undefined,
  );
  expect(address).toBe(await kubectl('-n', far, 'get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}'));
  expect((await ask(`${address}`)).service).toBe('afar');
});

test('a pod asks the name server of the cluster, and first for names of its own namespace', async () => {
  const { stdout } = await inClient('cat', '/etc/resolv.conf');
  expect(stdout.split('\n')).toEqual([
    'search e2e-near.svc.cluster.local svc.cluster.local cluster.local',
    `nameserver ${cluster.topology.dnsAddress}`,
    'options ndots:5',
    '',
  ]);
});

test('a name outside the cluster is refused at once: nodes need no way out', async () => {
  const { exitCode, stdout, stderr } = await inClient('nslookup', 'example.com');
  expect(exitCode).not.toBe(0);
  expect(stdout + stderr).toMatch(/REFUSED|NXDOMAIN|can't resolve|SERVFAIL/i);
});

test('a server sees the address of the pod that asked, across nodes and through a Service', async () => {
  const podIp = await kubectl('-n', near, 'get', 'pod', 'client', '-o', 'jsonpath={.status.podIP}');
  const serviceIp = await kubectl('-n', far, 'get', 'service', 'web', '-o', 'jsonpath={.spec.clusterIP}');
  expect((await ask(serviceIp)).remoteAddr).toMatch(new RegExp(`^${podIp}:`));
});

test('logs gives what a container wrote', async () => {
  await kubectl.apply(pod(near, 'talker', { command: ['/bin/sh', '-c', 'echo said-once; exec sleep 100000'] }));
  await kubectl('-n', near, 'wait', 'pod/talker', '--for=condition=Ready', '--timeout=60s');
  expect(await kubectl('-n', near, 'logs', 'talker')).toBe('said-once\n');
});

test('exec runs a command in the container and gives back its exit code', async () => {
  expect(await kubectl('-n', near, 'exec', 'client', '--', 'hostname')).toBe('client\n');
  expect((await inClient('/bin/sh', '-c', 'exit 7')).exitCode).toBe(7);
});

test('port-forward reaches a port of the pod from this machine', async () => {
  const args = [`--kubeconfig=${cluster.paths.kubeconfig}`, '-n', far, 'port-forward', 'pod/web', ':8080'];
  const forward = spawn(cluster.tools.kubectl, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(forward.stdout, 'data')) as [Buffer];
    const port = /127\.0\.0\.1:(\d+)/.exec(line.toString())?.[1];
    const report = (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as Report;
    expect(report.service).toBe('afar');
  } finally {
    forward.kill();
  }
});
