import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunFolder } from './http-block.ts';

/**
 * Puts a file in place whole or not at all, also when the machine stops in between.
 * @throws what the file system says; the file that was there is then still there.
 */
export async function writeWhole(file: string, content: string): Promise<void> {
  const next = `${file}.next`;
  try {
    await writeSynced(next, content);
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
  await sync(path.dirname(file));
}

/** Writes and waits until it is on the disk. One character is one byte; only the owner can read it. */
async function writeSynced(file: string, content: string): Promise<void> {
  await writeUnsynced(file, content);
  await sync(file);
}

/** Writes; a machine that stops may forget it until `sync` has been here. */
export function writeUnsynced(file: string, content: string): Promise<void> {
  return writeFile(file, content, { encoding: 'latin1', mode: 0o600 });
}

/** Waits until a file is on the disk; of a folder, until its renames are. */
export async function sync(fileOrFolder: string): Promise<void> {
  await using handle = await disposable(open(fileOrFolder, 'r'));
  await handle.file.sync();
}

async function disposable(opening: Promise<FileHandle>) {
  const file = await opening;
  return { file, [Symbol.asyncDispose]: () => file.close() };
}

/** The content of a file as characters of one byte; null when there is none. */
export function readWhole(file: string): Promise<string | null> {
  return readFile(file, 'latin1').catch(() => null);
}

/** Takes away the files of a folder that begin with one of the words, but for those named. */
export async function prune(folder: string, words: readonly string[], kept: ReadonlySet<string>): Promise<void> {
  const names = await readdir(folder);
  const old = names.filter((name) => words.some((word) => name.startsWith(`${word}-`)) && !kept.has(name));
  for (const name of old) await rm(path.join(folder, name), { force: true });
}

/** Makes the folders nginx writes to and looks into, for the owner alone. No connection is to end. */
export async function makeFolders(run: RunFolder): Promise<void> {
  await mkdir(path.join(run.folder, 'temporary'), { recursive: true, mode: 0o700 });
  for (const folder of [run.closing, run.open]) await rm(folder, { recursive: true, force: true });
  await mkdir(run.open, { mode: 0o700 });
  for (let tenth = 0; tenth < 10; tenth += 1) await writeFile(path.join(run.open, String(tenth)), '', { mode: 0o600 });
}
