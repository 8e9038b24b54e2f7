import type { Command } from 'commander';
import { down } from '../../local/life.ts';
import { defaultShape } from '../../local/topology.ts';
import { withSurroundings } from '../surroundings.ts';

const words = `
Only what \`up\` made is removed. Built tools and images stay in the cache for the next time.`;

/** Removes the local cluster: every process, namespace, link, mount, cgroup and file that `up` made. */
export function define(command: Command): Command {
  return command
    .option('--name <name>', 'name of the embedded cluster', defaultShape.name)
    .addHelpText('after', words)
    .action(({ name }: { readonly name: string }) =>
      withSurroundings(async (around) => {
        const removed = await down(name, around);
        around.say(removed ? `cluster ${name} is removed` : `there is no cluster ${name}`);
      }),
    );
}
