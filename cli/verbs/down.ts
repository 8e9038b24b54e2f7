import type { Command } from 'commander';
import { down } from '../../local/life.ts';
import { defaultShape } from '../../local/topology.ts';
import { withSurroundings } from '../surroundings.ts';

/** Removes the local cluster: every process, namespace, link, mount, cgroup and file that `up` made. */
export function define(command: Command): Command {
  return command.action(() =>
    withSurroundings(async (around) => {
      await down(defaultShape.name, around);
    }),
  );
}
