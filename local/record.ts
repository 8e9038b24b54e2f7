import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterPaths } from './cluster.ts';
import { writeIfChanged } from './files.ts';
import type { AddressPlan, ClusterShape } from './topology.ts';

/** What a cluster is made as. Written before anything else is made, so that `down` always knows what to remove. */
export interface ClusterRecord {
  readonly shape: ClusterShape;
  readonly plan: AddressPlan;
}

/** A record as it is kept. */
export interface KeptRecord extends ClusterRecord {
  /** The state folder: somebody else's cluster of the same name has another. */
  readonly state: string;
}

/** The record in a cluster's state or run folder. */
export async function readRecordIn(folder: string): Promise<KeptRecord | undefined> {
  const text = await readFile(join(folder, 'cluster.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as KeptRecord);
}

/** The record of a cluster that `up` has begun to make, ready or not; the state folder may have been deleted by hand. */
export async function readRecord(paths: ClusterPaths): Promise<KeptRecord | undefined> {
  const found = (await readRecordIn(paths.state)) ?? (await readRecordIn(paths.run));
  return found?.state === paths.state ? found : undefined;
}

/** Makes the cluster's folders and keeps its record in both that may outlive the other. */
export async function writeRecord(paths: ClusterPaths, record: ClusterRecord): Promise<void> {
  for (const folder of [paths.state, paths.run, paths.logs, join(paths.run, 'pids')]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
  }
  const kept: KeptRecord = { shape: record.shape, plan: record.plan, state: paths.state };
  for (const folder of [paths.run, paths.state]) {
    await writeIfChanged(join(folder, 'cluster.json'), JSON.stringify(kept), 0o600);
  }
}
