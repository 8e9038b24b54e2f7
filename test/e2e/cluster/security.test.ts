import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { inside } from '../../../local/cluster.ts';
import { attempt } from '../../../local/command.ts';
import { kubectlOf } from '../kubectl.ts';
import { sharedCluster } from '../shared-cluster.ts';

const cluster = sharedCluster();
const kubectl = kubectlOf(cluster);
const { topology, paths } = cluster;
const ca = readFileSync(join(paths.pki, 'ca.crt'));

/** The status of a request without any credentials. */
function anonymous(host: string, port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host, port, path, ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test.each(['/', '/healthz', '/version', '/api', '/api/v1/secrets'])(
  'the API server gives nobody anonymous %s',
  async (path) => {
    expect(await anonymous(topology.controlPlane.address, topology.controlPlane.apiPort, path)).toBe(401);
  },
);

test('a kubelet gives nobody anonymous its pods, even from the network of the nodes', async () => {
  const [node] = topology.nodes;
  const [program = '', ...words] = inside(topology.router);
  const { stdout } = await attempt(program, [
    ...words,
    ...['curl', '-sk', '-o', '/dev/null', '-w', '%{http_code}', `https://${node?.address}:10250/pods`],
  ]);
  expect(stdout).toBe('401');
});

test('a kubelet may read its own node and no Secret that none of its pods uses', async () => {
  const [node] = topology.nodes;
  const as = ['--as', `system:node:${node?.name}`, '--as-group', 'system:nodes'];
  expect((await kubectl.attempt('get', 'node', `${node?.name}`, ...as)).exitCode).toBe(0);
  const { exitCode, stderr } = await kubectl.attempt('-n', 'kube-system', 'get', 'secrets', ...as);
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('forbidden');
});

test('a node cannot label itself into another pool through the API', async () => {
  const as = ['--as', 'system:node:worker-1', '--as-group', 'system:nodes'];
  const { stderr } = await kubectl.attempt('label', 'node', 'worker-2', 'role=edge-router', ...as);
  expect(stderr).toContain('forbidden');
});

test('keys and kubeconfig are readable by their owner only', () => {
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  expect(mode(paths.kubeconfig)).toBe('600');
  expect([paths.state, paths.pki, paths.run, paths.logs].map(mode)).toEqual(['700', '700', '700', '700']);
  const keys = ['ca', 'etcd-ca', 'admin', 'service-account', 'kubelet-edge-1'].map((name) =>
    join(paths.pki, `${name}.key`),
  );
  expect(keys.map(mode)).toEqual(keys.map(() => '600'));
});

test('a Secret is not in plain text in the data of etcd', async () => {
  const value = 'a-value-that-nobody-else-writes-4711';
  await kubectl('-n', 'default', 'create', 'secret', 'generic', 'at-rest', `--from-literal=key=${value}`);
  await kubectl('-n', 'default', 'create', 'configmap', 'at-rest', '--from-literal=key=plain-text-4712');
  try {
    const grep = (text: string) =>
      promisify(execFile)('grep', ['-rl', text, join(paths.state, 'etcd')]).then(
        ({ stdout }) => stdout !== '',
        () => false,
      );
    expect({ configMap: await grep('plain-text-4712'), secret: await grep(value) }).toEqual({
      configMap: true,
      secret: false,
    });
  } finally {
    await kubectl('-n', 'default', 'delete', 'secret/at-rest', 'configmap/at-rest');
  }
});

test('no key is in the arguments of a component', async () => {
  const key = readFileSync(join(paths.pki, 'admin.key'), 'utf8').split('\n')[1] ?? '';
  const { stdout } = await attempt('ps', ['-eo', 'args', '-ww']);
  expect(key.length).toBeGreaterThan(30);
  expect(stdout).not.toContain(key);
});

test('nothing of the cluster listens on a port of this machine', async () => {
  const { stdout } = await attempt('ss', ['-Hltnp']);
  const programs = ['etcd', 'kube-', 'kubelet', 'containerd', 'haproxy', 'coredns'];
  expect(stdout.split('\n').filter((line) => programs.some((name) => line.includes(`"${name}`)))).toEqual([]);
});
