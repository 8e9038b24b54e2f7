import type { Command } from 'commander';
import { clusterPaths } from '../../local/cluster.ts';
import { readRecord, up } from '../../local/life.ts';
import { addressPlans, defaultShape } from '../../local/topology.ts';
import { withSurroundings } from '../surroundings.ts';

/** Starts the local cluster, or mends what is broken of it, and waits until its nodes are ready. */
export function define(command: Command): Command {
  return command.action(() =>
    withSurroundings(async (around) => {
      const paths = clusterPaths(defaultShape.name, around.env);
      const plan = (await readRecord(paths))?.plan ?? addressPlans[0];
      if (plan) await up({ shape: defaultShape, plan }, around);
    }),
  );
}
