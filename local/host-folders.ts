import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ClusterPaths } from './cluster.ts';
import { privateFolders } from './node.ts';

/**
 * A node mounts over folders that the machine may lack. What is made for that is written down first, so that
 * `down` removes these folders and no other.
 */
export async function ensureHostFolders(paths: ClusterPaths): Promise<void> {
  for (const folder of privateFolders) await ensureFolder(paths, folder);
}

/** One record for all clusters: they share these folders, whichever came first. */
const recordOf = (paths: ClusterPaths) => join(dirname(paths.state), 'made-folders');

async function ensureFolder(paths: ClusterPaths, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  await ensureFolder(paths, dirname(folder));
  await writeFile(recordOf(paths), `${folder}\n`, { flag: 'a' });
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/**
 * Removes the folders that {@link ensureHostFolders} made, children first, once no cluster is left. While one is, they
 * stay: the kernel takes a mount away in every namespace when its folder is removed in one, and with it the volumes of
 * that cluster's pods. To be called when the files of this cluster are gone.
 */
export async function removeHostFolders(paths: ClusterPaths): Promise<void> {
  const homes = [dirname(paths.state), dirname(paths.run)];
  const entries = await Promise.all(homes.map((home) => readdir(home, { withFileTypes: true }).catch(() => [])));
  if (entries.flat().some((entry) => entry.isDirectory())) return;
  const made = await readFile(recordOf(paths), 'utf8').catch(() => '');
  for (const folder of made.split('\n').filter(Boolean).toReversed()) await rmdir(folder).catch(() => undefined);
  await rm(recordOf(paths), { force: true });
}
