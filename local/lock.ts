import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSameProcess, type ProcessIdentity, processNow } from './process.ts';

/** Somebody else holds the lock. */
export class Locked extends Error {
  constructor(
    readonly path: string,
    readonly holder: number,
  ) {
    super(`process ${holder} is at work on it (lock ${path}). Wait until it has ended, or end it`);
    this.name = 'Locked';
  }
}

/** What to do when the lock is held. */
export interface LockOptions {
  /** Wait for it; without, {@link Locked} is thrown. @default false */
  readonly wait?: boolean;
  readonly signal?: AbortSignal;
}

async function holderOf(path: string): Promise<ProcessIdentity | undefined> {
  try {
    const holder: ProcessIdentity = JSON.parse(await readFile(path, 'utf8'));
    return isSameProcess(holder, processNow(holder.pid)) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** A link appears whole or not at all, so a lock file is never read half-written. */
async function take(path: string): Promise<boolean> {
  const own = `${path}.${process.pid}`;
  await writeFile(own, JSON.stringify(processNow(process.pid)), { mode: 0o600 });
  try {
    await link(own, path);
    return true;
  } catch {
    return false;
  } finally {
    await rm(own, { force: true });
  }
}

/**
 * Moves a dead holder's lock aside, which succeeds for one of several who try. What was moved is looked at again: a
 * lock that somebody took in the meantime is put back.
 */
async function breakDead(path: string): Promise<void> {
  const aside = `${path}.dead.${process.pid}`;
  await rename(path, aside).catch(() => undefined);
  if (await holderOf(aside)) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

/**
 * Does `work` while no other process does work under the same path. A lock left by a process that has died is taken.
 * @throws Locked when another holds it and `wait` is not set.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  while (!(await take(path))) {
    const holder = await holderOf(path);
    if (!holder) await breakDead(path);
    else if (!options.wait) throw new Locked(path, holder.pid);
    else await sleep(500, undefined, options.signal ? { signal: options.signal } : {});
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}
