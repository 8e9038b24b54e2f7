import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cacheHome, nodePaths } from '../../../local/cluster.ts';
import { run } from '../../../local/command.ts';
import { ensureImages } from '../../../local/images/build.ts';
import type { ImageName } from '../../../local/images/catalogue.ts';
import { importImages } from '../../../local/images/import.ts';
import { imageRef } from '../../../local/images/reference.ts';
import { projectRoot } from '../cluster.ts';
import { eventually, kubectlOf } from '../kubectl.ts';
import { sharedCluster } from '../shared-cluster.ts';
import { addressOf, balanced } from './echoes.ts';
import { ask } from './outside.ts';

const cluster = sharedCluster();
const kubectl = kubectlOf(cluster);
const namespace = 'e2e-images';
const nodes = cluster.topology.nodes
  .filter((node) => node.role === 'worker')
  .map((node) => ({ name: node.name, socket: nodePaths(cluster.paths, node).containerdSocket }));

async function build(names: readonly ImageName[], cacheDir = join(cacheHome(process.env), 'images')) {
  const built: string[] = [];
  const toolBinary = (tool: string) => (cluster.tools as Readonly<Record<string, string>>)[tool] ?? tool;
  const onBuild = (name: string) => built.push(name);
  const images = await ensureImages(names, { cacheDir, projectRoot, toolBinary, run, env: process.env, onBuild });
  return { images, built };
}

beforeAll(() => kubectl.freshNamespace(namespace));
afterAll(() => kubectl.drop(namespace));

test('what is built and imported once is neither built nor imported again', async () => {
  await importImages((await build(['busybox', 'fastapi'])).images, nodes, run);
  const again = await build(['busybox', 'fastapi']);
  expect(again.built).toEqual([]);
  expect(await importImages(again.images, nodes, run)).toEqual([]);
});

test('the same inputs give the same bytes', async () => {
  const folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'images-'))));
  try {
    const names = ['busybox', 'pause', 'fastapi'] as const;
    const [one, other] = [await build(names, folders[0]), await build(names, folders[1])];
    expect(one.built).toEqual([...names].toSorted());
    for (const [index, image] of one.images.entries()) {
      expect(image.reference).toBe(other.images[index]?.reference);
      const [bytes, otherBytes] = [await readFile(image.archive), await readFile(other.images[index]!.archive)];
      expect([image.name, bytes.equals(otherBytes)]).toEqual([image.name, true]);
    }
  } finally {
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
  }
});

test('an image of Debian packages runs as nobody with a read-only root and serves', async () => {
  const { images } = await build(['fastapi']);
  await importImages(images, nodes, run);
  const container = {
    name: 'app',
    image: imageRef(images, 'fastapi'),
    imagePullPolicy: 'Never',
    securityContext: { readOnlyRootFilesystem: true, runAsNonRoot: true, allowPrivilegeEscalation: false },
  };
  const metadata = { namespace, name: 'fastapi', labels: { app: 'fastapi' } };
  await kubectl.apply(
    { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container] } },
    balanced(namespace, 'fastapi', 'fastapi', { ports: [{ port: 80, targetPort: 8000 }] }),
  );
  const address = await addressOf(kubectl, namespace, 'fastapi');
  const answer = await eventually(
    () => ask({ address, path: '/a/b' }),
    ({ kind }) => kind === 'answer',
    60_000,
  );
  expect(answer).toMatchObject({ status: 200, body: expect.stringContaining('"path":"/a/b"') });
});
