import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from './cluster.ts';
import { workerNumber } from './shared-cluster.ts';

/** The cluster of the suites that deploy by `up`: their own, so that nobody else's objects are in it. */
export const ownCluster = `dep${workerNumber}`;

/** How a command ended and what it said. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly words: string;
}

/** Starts a verb on the own cluster. */
export function begin(verb: string, ...words: readonly string[]): ChildProcess {
  const command = [join(projectRoot, 'cli/edgeplane.cjs'), verb, '--name', ownCluster, ...words];
  return spawn(process.execPath, command, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Waits for a command's end. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const said = { out: '', words: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.words += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

/** Runs a verb on the own cluster to its end. */
export const edgeplane = (verb: string, ...words: readonly string[]): Promise<Ended> => ended(begin(verb, ...words));

/** One edge node and one worker are enough. */
export const small = ['--edges', '1', '--workers', '1'] as const;
