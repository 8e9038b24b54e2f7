import { readFile, rename, stat, writeFile } from 'node:fs/promises';

/**
 * Writes a file whole or not at all, and not when it holds this text with this mode already: kube-proxy ends itself
 * when its configuration is written, even with the same words.
 */
export async function writeIfChanged(path: string, text: string, mode = 0o644): Promise<void> {
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before === text && ((await stat(path)).mode & 0o777) === mode) return;
  await writeFile(`${path}.new`, text, { mode });
  await rename(`${path}.new`, path);
}
