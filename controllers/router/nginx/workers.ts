import { readFile } from 'node:fs/promises';

/** A process of nginx below its master. */
export interface Worker {
  readonly pid: number;
  /** It takes no connections any more, and ends after those it has. */
  readonly isLeaving: boolean;
}

/** The workers of a master, oldest first; none where it does not run, or the kernel tells no children. */
export async function workersOf(master: number): Promise<readonly Worker[]> {
  const children = (await read(`/proc/${master}/task/${master}/children`)).split(' ').filter((pid) => pid !== '');
  return Promise.all(children.map(async (pid) => ({ pid: Number(pid), isLeaving: await isLeaving(Number(pid)) })));
}

/** Whether a worker has been told to leave, and knows it: nginx says so by the title of the process. */
export async function isLeaving(pid: number): Promise<boolean> {
  const title = await read(`/proc/${pid}/cmdline`);
  return title === '' || title.includes('is shutting down');
}

const read = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
