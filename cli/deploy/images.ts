import { join } from 'node:path';
import type { KubeObject } from '../../components/compile/output.ts';
import { nodePaths } from '../../local/cluster.ts';
import { run } from '../../local/command.ts';
import { type BuiltImage, ensureImages } from '../../local/images/build.ts';
import { catalogue, type ImageName } from '../../local/images/catalogue.ts';
import { importImages } from '../../local/images/import.ts';
import { aliasesIn, imageAlias } from '../../local/images/reference.ts';
import type { RunningCluster, Surroundings } from '../../local/life.ts';
import type { NodePlace } from '../../local/topology.ts';

interface PodSpec {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly unknown[];
}

/** Words for images that the objects name by alias and nobody can build. */
export function unknownImages(objects: readonly KubeObject[]): readonly string[] {
  const names = Object.keys(catalogue);
  return aliasesIn(objects)
    .filter((name) => !names.includes(name))
    .map((name) => `image ${imageAlias(name)}: found in no catalogue, expected one of ${names.join(', ')}.`);
}

/** Whether pods of an object may run on a node, by its labels and taints: a pod that tolerates anything may meet them. */
export function mayRunOn(object: KubeObject, node: Pick<NodePlace, 'labels' | 'taints'>): boolean {
  const template = (object.spec as { readonly template?: { readonly spec?: PodSpec } } | undefined)?.template;
  const { nodeSelector = {}, tolerations = [] } = template?.spec ?? {};
  const selected = Object.entries(nodeSelector).every(([label, value]) => node.labels[label] === value);
  return selected && (node.taints.length === 0 || tolerations.length > 0);
}

/** Builds the images that objects name by alias, and brings each to the nodes where its pods may run. */
export async function bringImages(
  objects: readonly KubeObject[],
  { topology, paths, tools }: RunningCluster,
  { projectRoot, env, progress, signal }: Surroundings,
): Promise<readonly BuiltImage[]> {
  const runHere: typeof run = (program, args, options) => run(program, args, { ...options, signal });
  const names = aliasesIn(objects) as readonly ImageName[];
  const images = await progress.step('images', () =>
    ensureImages(names, {
      cacheDir: join(paths.cache, 'images'),
      projectRoot,
      toolBinary: (tool) => (tools as Readonly<Record<string, string>>)[tool] ?? tool,
      run: runHere,
      env,
      onBuild: (name) => progress.note(`building image ${name}`),
    }),
  );
  await progress.step('images to nodes', async () => {
    for (const node of topology.nodes) {
      signal.throwIfAborted();
      const here = aliasesIn(objects.filter((object) => mayRunOn(object, node)));
      const wanted = images.filter(({ name }) => here.includes(name));
      await importImages(wanted, [{ name: node.name, socket: nodePaths(paths, node).containerdSocket }], runHere);
    }
  });
  return images;
}
