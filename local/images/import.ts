import type { BuiltImage } from './build.ts';
import type { RunCommand } from './inputs.ts';
import { imageRepository } from './reference.ts';

/** A node's container runtime. */
export interface NodeRuntime {
  readonly name: string;
  /** Path of its containerd socket. */
  readonly socket: string;
}

/** What one node has: reference to the digest of its manifest. */
export type ImageListing = ReadonlyMap<string, string>;

/** Reads the output of `ctr images ls`. */
export function parseListing(text: string): ImageListing {
  const rows = text
    .split('\n')
    .slice(1)
    .map((line) => line.split(/\s+/));
  return new Map(rows.flatMap(([reference, , digest]) => (reference && digest ? [[reference, digest] as const] : [])));
}

/** The images a node lacks: not there, or there while its alias still points at another content. */
export function missingImages(images: readonly BuiltImage[], listing: ImageListing): readonly BuiltImage[] {
  return images.filter((image) => {
    const digest = listing.get(image.reference);
    return digest === undefined || listing.get(image.alias) !== digest;
  });
}

/**
 * Brings images to those of the nodes that lack them, under both names; gives what was imported where.
 * @throws when a runtime refuses an image, naming the node and the archive.
 */
export async function importImages(
  images: readonly BuiltImage[],
  nodes: readonly NodeRuntime[],
  run: RunCommand,
): Promise<readonly string[]> {
  const imported = await Promise.all(nodes.map((node) => importOn(node, images, run)));
  return imported.flat();
}

async function importOn(node: NodeRuntime, images: readonly BuiltImage[], run: RunCommand): Promise<readonly string[]> {
  const ctr = (...args: readonly string[]) => run('ctr', ['--address', node.socket, '--namespace', 'k8s.io', ...args]);
  const missing = missingImages(images, parseListing(await ctr('images', 'ls')));
  for (const image of missing) {
    const base = `${imageRepository}/${image.name}`;
    await ctr('images', 'import', '--base-name', base, image.archive).catch((error: unknown) => {
      throw new Error(
        `node ${node.name}: importing ${image.archive}: ${error instanceof Error ? error.message : error}`,
      );
    });
  }
  return missing.map((image) => `${node.name}: ${image.reference}`);
}
