import { mkdir, mkdtemp, readlink, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder for mounted Secrets that is removed by `await using`. */
export async function secretsFolder() {
  const dir = await mkdtemp(path.join(tmpdir(), 'gatekeeper-'));
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}

type Files = Readonly<Record<string, string | Buffer>>;

/**
 * Mounts a Secret, or replaces what is mounted, as kubelet does: a new folder, the link `..data` swapped to it by
 * rename, a link for each key, the old folder removed.
 */
export async function mountSecret(dir: string, secret: string, files: Files, changed?: Date): Promise<void> {
  const volume = path.join(dir, secret);
  await mkdir(volume, { recursive: true });
  const old = await readlink(path.join(volume, '..data')).catch(() => null);
  const version = path.basename(await mkdtemp(path.join(volume, '..2026_11_21_')));
  for (const [key, bytes] of Object.entries(files)) {
    const file = path.join(volume, version, key);
    await writeFile(file, bytes);
    if (changed !== undefined) await utimes(file, changed, changed);
    await symlink(path.join('..data', key), path.join(volume, key)).catch(() => undefined);
  }
  await symlink(version, path.join(volume, '..data_tmp'));
  await rename(path.join(volume, '..data_tmp'), path.join(volume, '..data'));
  if (old !== null) await rm(path.join(volume, old), { recursive: true });
}
