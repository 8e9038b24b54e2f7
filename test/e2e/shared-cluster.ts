import { inject } from 'vitest';
import type { SharedCluster } from './cluster.ts';

/** The number of the worker that runs this suite, from 1. No two suites that run at the same time have the same. */
export const workerNumber = Number(process.env.VITEST_POOL_ID ?? '1');

/** The cluster of the worker that runs this suite. One suite at a time uses it. */
export function sharedCluster(): SharedCluster {
  const cluster = inject('clusters')[workerNumber - 1];
  if (cluster === undefined) throw new Error(`no cluster was made for worker ${workerNumber} of this run`);
  return cluster;
}
