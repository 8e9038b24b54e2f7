import { existsSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
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

const recordOf = (paths: ClusterPaths) => join(paths.state, 'made-folders');

async function ensureFolder(paths: ClusterPaths, folder: string): Promise<void> {
  if (existsSync(folder)) return;
  await ensureFolder(paths, dirname(folder));
  await writeFile(recordOf(paths), `${folder}\n`, { flag: 'a' });
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/** Removes the folders that {@link ensureHostFolders} made, children first. One that is in use by now stays. */
export async function removeHostFolders(paths: ClusterPaths): Promise<void> {
  const made = await readFile(recordOf(paths), 'utf8').catch(() => '');
  for (const folder of made.split('\n').filter(Boolean).toReversed()) await rmdir(folder).catch(() => undefined);
}
